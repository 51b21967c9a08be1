// gRPC's framing over HTTP/2 (gRPC over HTTP2, "Length-Prefixed-Message"): a byte that says whether
// the message is compressed, four of its length, the message.
#ifndef FLOTILLA_BASE_GRPC_FRAMES_H_
#define FLOTILLA_BASE_GRPC_FRAMES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla {

// What stands before an uncompressed message of `bytes` bytes, less than 4 GiB.
std::string GrpcFramePrefix(std::size_t bytes);
// The message with its prefix, uncompressed.
std::string GrpcFrame(std::string_view message);

// Cuts a stream into messages. One thread.
class GrpcFrameReader {
 public:
  explicit GrpcFrameReader(std::size_t max_message_bytes) : max_(max_message_bytes) {}

  // Takes bytes in any pieces and appends whole messages to `messages`. RESOURCE_EXHAUSTED: a
  // message over the limit; UNIMPLEMENTED: a compressed one, which nobody asked for. Nothing may
  // be fed after an error.
  Status Feed(ByteView bytes, std::vector<std::string>& messages);
  // The last message is not whole yet.
  bool holds_part() const { return !held_.empty(); }

 private:
  std::size_t max_;
  std::string held_;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_GRPC_FRAMES_H_
