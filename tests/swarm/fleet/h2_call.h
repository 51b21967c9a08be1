#ifndef FLOTILLA_TESTS_SWARM_FLEET_H2_CALL_H_
#define FLOTILLA_TESTS_SWARM_FLEET_H2_CALL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/grpc_frames.h"
#include "base/status.h"
#include "tests/swarm/fleet/c_ptr.h"

namespace flotilla::swarm {

// One gRPC call with streams both ways, alone on its HTTP/2 connection (client side). Holds no
// socket: bytes go in and out. One thread.
class H2Call {
 public:
  static constexpr std::size_t kMaxMessageBytes = std::size_t{256} * 1024;

  // `authority`: "host:port"; `path`: "/package.Service/Method". INTERNAL: no memory.
  static StatusOr<std::unique_ptr<H2Call>> Start(const std::string& authority,
                                                 const std::string& path);
  ~H2Call() = default;
  H2Call(const H2Call&) = delete;
  H2Call& operator=(const H2Call&) = delete;

  void Send(std::string_view message);
  // Bytes from the peer. INVALID_ARGUMENT: not HTTP/2 or not gRPC; the connection is useless then.
  Status Receive(ByteView bytes);
  // Bytes for the peer, all that are ready now; appended to `out`. INVALID_ARGUMENT: the peer broke
  // HTTP/2; the last word to it is in `out`.
  Status TakeOutput(std::string& out);
  // Whole messages since the last call.
  std::vector<std::string> TakeMessages() { return std::exchange(messages_, {}); }
  // The end of the call, by the peer's trailers, a reset or a GOAWAY.
  const std::optional<Status>& ended() const { return ended_; }

 private:
  H2Call() = default;
  void End(const char* how);
  static nghttp2_session_callbacks* Callbacks();
  static ssize_t Read(nghttp2_session* session, std::int32_t stream, std::uint8_t* buffer,
                      std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                      void* self);
  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame,
                      const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                      std::size_t value_size, std::uint8_t flags, void* self);
  static int OnData(nghttp2_session* session, std::uint8_t flags, std::int32_t stream,
                    const std::uint8_t* data, std::size_t size, void* self);
  static int OnStreamClose(nghttp2_session* session, std::int32_t stream, std::uint32_t error,
                           void* self);
  static int OnFrame(nghttp2_session* session, const nghttp2_frame* frame, void* self);

  H2SessionPtr session_;
  std::int32_t stream_ = -1;
  std::string outgoing_;  // frames that HTTP/2 has not taken yet
  GrpcFrameReader reader_{kMaxMessageBytes};
  std::vector<std::string> messages_;
  Status broken_;
  int grpc_status_ = -1;
  std::string grpc_message_;
  std::string retry_after_;  // the trailer's value
  std::string http_status_;
  std::optional<Status> ended_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_H2_CALL_H_
