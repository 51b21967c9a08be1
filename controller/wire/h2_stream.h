#ifndef FLOTILLA_CONTROLLER_WIRE_H2_STREAM_H_
#define FLOTILLA_CONTROLLER_WIRE_H2_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/grpc_frames.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/session/device_call.h"

namespace flotilla::controller {

// The head of a call as its header fields come in.
struct H2Head {
  std::string path;
  std::string method;
  std::string content_type;
  Duration timeout = absl::InfiniteDuration();
  std::size_t bytes = 0;

  void Take(std::string_view name, std::string_view value);
  bool IsGrpc() const;
};

// The messages that a stream brings, and how many of its bytes are held back from flow control:
// none, as long as no whole message waits to be asked for.
class H2Inbox {
 public:
  explicit H2Inbox(std::size_t max_message_bytes) : reader_(max_message_bytes) {}

  // Messages that may wait to be asked for. Flow control bounds their bytes, but an empty message
  // takes six times the memory that it took on the wire.
  static constexpr std::size_t kMostWaiting = 1024;

  // As GrpcFrameReader::Feed, and RESOURCE_EXHAUSTED: too many wait. What came is held back from
  // now on; see TakeReleased.
  Status Feed(ByteView bytes);
  bool empty() const { return taken_ == messages_.size(); }
  // What is left is not a whole message.
  bool cut_short() const { return empty() && reader_.holds_part(); }
  // Not empty.
  std::string Take();
  // Bytes that the peer may send anew.
  std::size_t TakeReleased();

 private:
  GrpcFrameReader reader_;
  std::vector<std::string> messages_;
  std::size_t taken_ = 0;
  std::size_t held_back_ = 0;
};

// The one message of a stream that is being written.
class H2Outbox {
 public:
  // Empty before.
  void Put(CallBytes message);
  bool empty() const { return sent_ == total_; }
  // Fills `out` as far as there is something; how much.
  std::size_t Take(std::span<std::uint8_t> out);

 private:
  CallBytes message_;  // its own part with the prefix
  std::size_t sent_ = 0;
  std::size_t total_ = 0;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_H2_STREAM_H_
