#ifndef FLOTILLA_TESTS_SWARM_FLEET_DEVICE_CONNECTION_H_
#define FLOTILLA_TESTS_SWARM_FLEET_DEVICE_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "tests/swarm/fleet/h2_call.h"
#include "tests/swarm/fleet/sim_device_core.h"
#include "tests/swarm/fleet/tls_socket.h"

namespace flotilla::swarm {

// What all connections of one loop share.
struct ConnectionPlan {
  SSL_CTX* context = nullptr;
  // A device begins with one of them by its index and takes the next at each connection.
  const std::vector<SocketAddress>* to = nullptr;
  std::string authority;  // "host:port"
  std::string host;
  bool resume = false;
  int epoll_fd = -1;
};

// One device's session over TLS and HTTP/2. Lives on the loop of its epoll descriptor, which names
// it by `index`.
class DeviceConnection final : public DeviceLink {
 public:
  // All references outlive it.
  DeviceConnection(const ConnectionPlan& plan, const TlsIdentity& identity, std::size_t index,
                   std::uint32_t source_ipv4)
      : plan_(plan), identity_(identity), index_(index), source_ipv4_(source_ipv4) {}

  void Open() override;
  void Send(const v1::SessionRequest& message) override;
  void Close() override;

  // The descriptor is ready. Hands messages to `on_message`, which may close and open this again;
  // the end of the connection is the return value, OK while it goes on.
  Status OnReady(const std::function<void(const v1::SessionResponse&)>& on_message);
  // Writes what was sent since; the end of the connection as above.
  Status Flush();
  // Something failed before there was a descriptor: to be told as the end of the connection.
  Status TakeFailure() { return std::exchange(failure_, OkStatus()); }
  bool open() const { return socket_ != nullptr; }
  bool resumed() const { return socket_ != nullptr && socket_->resumed(); }

 private:
  Status ReadAll(const std::function<void(const v1::SessionResponse&)>& on_message);
  Status Deliver(const std::function<void(const v1::SessionResponse&)>& on_message);
  void Watch();

  const ConnectionPlan& plan_;
  const TlsIdentity& identity_;
  std::size_t index_;
  std::uint32_t source_ipv4_;
  std::unique_ptr<TlsSocket> socket_;
  std::unique_ptr<H2Call> call_;
  SslSessionPtr session_;
  Status failure_;
  std::uint64_t opened_ = 0;  // how often
  TlsSocket::Wants watched_ = TlsSocket::Wants::kUnspecified;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_DEVICE_CONNECTION_H_
