#ifndef FLOTILLA_CONTROLLER_RPC_RPC_SITE_H_
#define FLOTILLA_CONTROLLER_RPC_RPC_SITE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/fleet/fleet.h"
#include "controller/rpc/device_site_calls.h"
#include "controller/session/admission_queue.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace flotilla::controller {

class OperatorCalls;

// Whose connections the device listener takes: of devices, one each and admitted one by one, or of
// replicas with all their devices' sessions.
enum class SessionsFrom { kUnspecified = 0, kDevices, kReplicas };

struct RpcSiteOptions {
  // "address:port" each; port 0 takes a free one.
  std::string enrolment_listen;
  std::string device_listen;
  std::string operator_listen;
  // The controller's certificate, leaf first, its key, and the authority of devices and operators.
  std::string certificate_chain_pem;
  std::string private_key_pem;
  std::string ca_pem;
  SessionsFrom sessions_from = SessionsFrom::kDevices;
  // Who may connect to the device listener, and when; without zeros. Not asked of replicas.
  AdmissionOptions admission = ForMachine({}, 2, 4'000'000'000);
  // Of devices: sessions have ended, and what they held may be given back. On several threads;
  // empty: nobody is told.
  std::function<void()> on_quiet;
};

// Services of other folders. Each function is called once, by Start; null: none.
struct RpcSiteServices {
  std::function<std::vector<std::shared_ptr<grpc::Service>>()> enrolment;
  std::function<std::vector<std::shared_ptr<grpc::Service>>(const OperatorCalls&)> operators;
  // Beside the sessions, on the device listener: for devices, or where it is of replicas, for them.
  DeviceMethods devices;
  std::function<std::vector<std::shared_ptr<grpc::Service>>(const PeerGate&)> replicas;
};

// The three listeners of gRPC's calls: enrolment (server certificate only), devices and operators
// (mutual TLS), each with its own services alone.
class RpcSite {
 public:
  // Everything referred to outlives the site. UNAVAILABLE: a port is taken.
  static StatusOr<std::unique_ptr<RpcSite>> Start(const RpcSiteOptions& options, Fleet& fleet,
                                                  const Clock& clock,
                                                  const RpcSiteServices& services);
  ~RpcSite();
  RpcSite(const RpcSite&) = delete;
  RpcSite& operator=(const RpcSite&) = delete;

  std::uint16_t enrolment_port() const;
  std::uint16_t device_port() const;
  std::uint16_t operator_port() const;
  // Devices find nobody listening any more; who is connected stays. Idempotent.
  void StopTakingDevices();
  // Gives open calls `grace`, then cancels them; the fleet loop must run. Idempotent.
  void Stop(Duration grace);

 private:
  struct Impl;
  explicit RpcSite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_RPC_SITE_H_
