#ifndef FLOTILLA_CONTROLLER_WIRE_H2_SERVER_H_
#define FLOTILLA_CONTROLLER_WIRE_H2_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/session/device_call.h"

namespace flotilla::controller {

// The numbers of docs/capacity.md.
struct H2Limits {
  std::size_t message_bytes = std::size_t{64} * 1024;  // of a message from the peer
  std::size_t header_bytes = std::size_t{8} * 1024;    // of a call's headers, 32 more for each
  std::uint32_t calls = 8;                             // at a time
  Duration ping_interval = absl::Seconds(30);          // of the peer's pings
  // So many in a row with nothing sent to the peer between them; one more ends the connection.
  int sooner_pings = 3;
};

// What happens to calls. Never from within a call of the connection but Receive and TakeOutput.
class H2ServerEvents {
 public:
  virtual ~H2ServerEvents() = default;
  // A call begins. `path` and `timeout` are the peer's words.
  virtual void OnCall(std::int32_t stream, const std::string& path, Duration timeout) = 0;
  virtual void OnMessage(std::int32_t stream, std::string_view message) = 0;
  virtual void OnEndOfMessages(std::int32_t stream) = 0;
  virtual void OnWritten(std::int32_t stream) = 0;
  // The stream is gone, finished or not. Last.
  virtual void OnClosed(std::int32_t stream) = 0;

 protected:
  H2ServerEvents() = default;
  H2ServerEvents(const H2ServerEvents&) = default;
  H2ServerEvents& operator=(const H2ServerEvents&) = default;
};

// The server's side of one HTTP/2 connection that carries gRPC calls (RFC 9113; "gRPC over HTTP2").
// Holds no socket: bytes go in and out. What a peer may make it hold is bounded by `limits` and by
// flow control. One thread.
class H2Server {
 public:
  // `events` outlives it. INTERNAL: no memory.
  static StatusOr<std::unique_ptr<H2Server>> Start(const H2Limits& limits, H2ServerEvents& events);
  ~H2Server();
  H2Server(const H2Server&) = delete;
  H2Server& operator=(const H2Server&) = delete;

  // Bytes from the peer. INVALID_ARGUMENT: not HTTP/2, or too much waits for a peer that does not
  // read; nothing may be fed after it.
  Status Receive(ByteView bytes, Duration now);
  // Appends bytes for the peer until none is ready or `out` has `most`. INVALID_ARGUMENT: the peer
  // broke HTTP/2; the last word to it is in `out`.
  Status TakeOutput(std::string& out, std::size_t most);
  // Nothing more comes of this connection: it is to be closed once its output was sent.
  bool over() const;

  // Of a stream that is gone these do nothing. Read, Write and Finish: as in DeviceCall.
  void Read(std::int32_t stream);
  void Write(std::int32_t stream, CallBytes message);
  void Finish(std::int32_t stream, const Status& status);

  // No call begins any more; those that are open go on. Idempotent.
  void GoAway();
  // Asks the peer for a sign of life.
  void Ping();
  std::size_t calls() const;

 private:
  struct Impl;
  explicit H2Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_H2_SERVER_H_
