#ifndef FLOTILLA_CONTROLLER_HTTP_TCP_RELAY_H_
#define FLOTILLA_CONTROLLER_HTTP_TCP_RELAY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"

namespace flotilla::http {

// A listener whose connections go on to another one, byte for byte: TLS is between the two ends.
struct RelayedListener {
  std::string address;     // "127.0.0.1"
  std::uint16_t port = 0;  // 0: a free one
  // "host:port" that a new connection goes to; empty: nobody, it is closed. On the relay's thread.
  std::function<std::string()> target;
};

// Several such listeners on one thread. Of each connection 32 KiB each way are held; when one end
// closes, the other gets what is under way and is closed.
class TcpRelay {
 public:
  // INVALID_ARGUMENT: no IP address; UNAVAILABLE: a port is taken.
  static StatusOr<std::unique_ptr<TcpRelay>> Start(const std::vector<RelayedListener>& listeners);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  // In the order of Start's listeners.
  const std::vector<std::uint16_t>& ports() const;
  // Closes listeners and connections. Idempotent.
  void Stop();

 private:
  struct Impl;
  explicit TcpRelay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_TCP_RELAY_H_
