// The line between the agent and an engine child: whole messages and descriptors beside them.
#ifndef FLOTILLA_ENGINE_API_CONTROL_CHANNEL_H_
#define FLOTILLA_ENGINE_API_CONTROL_CHANNEL_H_

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "google/protobuf/message_lite.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "base/unique_fd.h"

namespace flotilla::engine {

// One message as it came, with the descriptors that came beside it (all close-on-exec).
struct ControlMessage {
  Bytes payload;
  std::vector<UniqueFd> descriptors;
};

// DATA_LOSS: the payload is no such message.
template <typename Message>
StatusOr<Message> ParseAs(const ControlMessage& message) {
  Message parsed;
  if (!parsed.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size()))) {
    return DataLoss("the control message does not parse");
  }
  return parsed;
}

// One end of a SOCK_SEQPACKET pair. Messages keep their borders and order. Send is thread-safe;
// Receive is for one thread. When one end closes or its process dies, the other end sees it after
// it has read what was sent before.
class ControlChannel {
 public:
  static constexpr std::size_t kMaxMessageBytes = std::size_t{64} * 1024;
  static constexpr std::size_t kMaxDescriptors = 32;

  // Both ends, close-on-exec. The end for the child: `second`; dup2 it to the number that
  // --control-fd names (which drops close-on-exec), then exec.
  static StatusOr<std::pair<ControlChannel, ControlChannel>> Pair();
  // Takes over an inherited descriptor and makes it close-on-exec. FAILED_PRECONDITION when it is
  // not a SOCK_SEQPACKET socket.
  static StatusOr<ControlChannel> Adopt(UniqueFd socket);

  // Sends `message` and copies of `descriptors` (the caller keeps its own). Blocks while the other
  // end does not read. INVALID_ARGUMENT: empty, too long or too many descriptors, nothing was sent;
  // UNAVAILABLE: the other end is closed.
  Status Send(const google::protobuf::MessageLite& message,
              std::span<const int> descriptors = {}) const;
  // The next message, waiting for it up to `timeout` (absl::InfiniteDuration() waits for ever, zero
  // does not wait). DEADLINE_EXCEEDED: there was none; UNAVAILABLE: the other end is closed;
  // DATA_LOSS: larger than the limits, dropped.
  StatusOr<ControlMessage> Receive(Duration timeout) const;

  // For waiting in an event loop: readable when Receive(zero) has something to say.
  int fd() const { return socket_.get(); }

 private:
  explicit ControlChannel(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_API_CONTROL_CHANNEL_H_
