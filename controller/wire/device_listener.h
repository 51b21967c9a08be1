#ifndef FLOTILLA_CONTROLLER_WIRE_DEVICE_LISTENER_H_
#define FLOTILLA_CONTROLLER_WIRE_DEVICE_LISTENER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/session/admission_gate.h"
#include "controller/session/device_call.h"
#include "controller/wire/accept_loop.h"
#include "controller/wire/wire_shard.h"
#include "security/tls/tls_server.h"

namespace flotilla::controller {

struct DeviceListenerOptions {
  // "0.0.0.0:7442"; port 0 takes a free one.
  std::string address;
  security::TlsServerOptions tls;
  H2Limits limits;
  WireTimes times;
  // As WireOptions'.
  std::function<void()> on_quiet;
  // Threads that serve connections. 0: one for each core.
  unsigned threads = 0;
};

// Where devices connect: gRPC calls over mutual TLS, for very many connections that say little
// (docs/adr/0019). Connections begin their handshake when the gate lets them. Thread-safe.
class DeviceListener {
 public:
  // What is given outlives it. UNAVAILABLE: the port is taken; INVALID_ARGUMENT: no such address,
  // or a bad certificate.
  static StatusOr<std::unique_ptr<DeviceListener>> Start(const DeviceListenerOptions& options,
                                                         AdmissionGate& admission,
                                                         DeviceCalls& calls, const Clock& clock);
  // As Stop without grace.
  ~DeviceListener();
  DeviceListener(const DeviceListener&) = delete;
  DeviceListener& operator=(const DeviceListener&) = delete;

  std::uint16_t port() const { return accept_loop_->port(); }
  // Takes no further connection; those that are open stay. Idempotent.
  void StopAccepting();
  // Refuses new calls, gives open ones `grace`, then cancels them. Returns when their users are
  // done: whoever ends them must run. Idempotent.
  void Stop(Duration grace);

 private:
  explicit DeviceListener(const Clock& clock) : clock_(clock) {}

  const Clock& clock_;
  std::unique_ptr<security::TlsServer> tls_;
  std::vector<std::unique_ptr<WireShard>> shards_;
  std::unique_ptr<AcceptLoop> accept_loop_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_DEVICE_LISTENER_H_
