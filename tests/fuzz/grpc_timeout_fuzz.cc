// A call's timeout in the words of a peer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "controller/wire/call_fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto timeout =
      flotilla::controller::ParseGrpcTimeout({reinterpret_cast<const char*>(data), size});
  if (timeout.has_value() &&
      (*timeout < absl::ZeroDuration() || *timeout > absl::Hours(99'999'999))) {
    std::abort();
  }
  return 0;
}
