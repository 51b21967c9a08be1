// A stream of gRPC messages on arbitrary bytes: cut anywhere, it gives the same messages.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/grpc_frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using flotilla::GrpcFrameReader;
  const flotilla::ByteView bytes(data, size);
  std::vector<std::string> whole;
  std::vector<std::string> cut;
  GrpcFrameReader at_once(1000);
  GrpcFrameReader in_two(1000);
  const bool good = at_once.Feed(bytes, whole).ok();
  const bool same = in_two.Feed(bytes.first(size / 2), cut).ok() &&
                    in_two.Feed(bytes.subspan(size / 2), cut).ok();
  if (good != same || whole != cut) {
    std::abort();
  }
  return 0;
}
