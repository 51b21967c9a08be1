#ifndef FLOTILLA_CONTROLLER_WIRE_WIRE_LINK_H_
#define FLOTILLA_CONTROLLER_WIRE_WIRE_LINK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/time.h"
#include "controller/session/device_call.h"
#include "controller/wire/h2_server.h"
#include "controller/wire/wire_call.h"
#include "controller/wire/wire_inbox.h"
#include "security/tls/tls_stream.h"

namespace flotilla::controller {

// The numbers of docs/capacity.md.
struct WireTimes {
  Duration handshake = absl::Seconds(10);
  // A connection on which nothing comes is asked for a sign of life, and closed without one.
  Duration silence = absl::Seconds(600);
  Duration answer = absl::Seconds(20);
  // A connection without a call, on which nothing comes, is closed: whoever has another one to make
  // opens it anew.
  Duration idle = absl::Seconds(300);
  // A device comes back twice a day: sessions spread over replicas again, and a certificate is
  // verified anew. A tenth more or less, so that those who came together do not.
  Duration age = absl::Hours(12);
  Duration grace = absl::Seconds(60);  // for the calls of a connection that is too old
};

// What the connections of one thread have in common.
struct WireShared {
  DeviceCalls& calls;
  std::shared_ptr<WireInbox> inbox;
  H2Limits limits;
  WireTimes times;
  // For what a connection reads: what is in it is gone with the next.
  std::span<std::uint8_t> buffer;
};

// One device's connection: TLS, HTTP/2, and the calls on it. One thread; `now` is monotonic.
class WireLink final : private H2ServerEvents {
 public:
  // `shared` outlives it. `id`: its number among those of the thread.
  WireLink(const WireShared& shared, std::unique_ptr<security::TlsStream> tls, std::string peer,
           std::uint64_t id, Duration now);
  // Ends its calls: their users hear of it.
  ~WireLink() override;
  WireLink(const WireLink&) = delete;
  WireLink& operator=(const WireLink&) = delete;

  std::uint64_t id() const { return id_; }
  int fd() const { return tls_->fd(); }
  bool wants_write() const { return tls_->wants_write(); }

  // Of all below an error means that the connection is over, and is to be destroyed.
  enum class Rest { kUnspecified = 0, kNothing, kMore };
  // The socket has bytes, or takes some. kMore: it was a share of what is there.
  StatusOr<Rest> OnReady(Duration now);
  // One of its calls'. Flush is to follow, of several orders once.
  void Carry(WireOrder& order);
  Status Flush();
  // Now and then: what is too old or too silent.
  Status OnTime(Duration now);
  // No call begins any more.
  Status GoAway();

 private:
  void OnCall(std::int32_t stream, const std::string& path, Duration timeout) override;
  void OnMessage(std::int32_t stream, std::string_view message) override;
  void OnEndOfMessages(std::int32_t stream) override;
  void OnWritten(std::int32_t stream) override;
  void OnClosed(std::int32_t stream) override;

  const WireShared& shared_;
  const std::unique_ptr<security::TlsStream> tls_;
  const std::string peer_;
  const std::uint64_t id_;
  std::unique_ptr<H2Server> h2_;  // null: during the handshake
  std::map<std::int32_t, std::shared_ptr<WireCall>> calls_;
  const Duration opened_;
  const Duration old_;
  Duration heard_;
  Duration asked_ = absl::InfiniteDuration();  // for a sign of life
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_WIRE_LINK_H_
