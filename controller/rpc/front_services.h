// What devices call beside their session, carried to the leader in their name.
#ifndef FLOTILLA_CONTROLLER_RPC_FRONT_SERVICES_H_
#define FLOTILLA_CONTROLLER_RPC_FRONT_SERVICES_H_

#include <string>

#include "base/status.h"
#include "controller/rpc/front_desk.h"
#include "controller/rpc/leader_channel.h"
#include "controller/rpc/peer_gate.h"
#include "controller/session/admission_gate.h"
#include "flotilla/v1/metrics.grpc.pb.h"
#include "flotilla/v1/session.grpc.pb.h"

namespace flotilla::controller {

// The certificate of the device that calls, DER. PeerGate::Check's errors.
StatusOr<std::string> CallingDevice(const PeerGate& gate, const grpc::ServerContextBase& context);

// DeviceService of a front. Thread-safe; what is given outlives it.
class FrontSessions final : public v1::DeviceService::CallbackService {
 public:
  FrontSessions(const PeerGate& gate, FrontDesk& desk, AdmissionGate& admission)
      : gate_(gate), desk_(desk), admission_(admission) {}

  grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionResponse>* Session(
      grpc::CallbackServerContext* context) override;

 private:
  const PeerGate& gate_;
  FrontDesk& desk_;
  AdmissionGate& admission_;
};

// MetricsService of a front. UNAVAILABLE: nobody leads. Thread-safe; what is given outlives it.
class FrontMetrics final : public v1::MetricsService::CallbackService {
 public:
  FrontMetrics(const PeerGate& gate, const LeaderChannel& leader) : gate_(gate), leader_(leader) {}

  grpc::ServerUnaryReactor* Upload(grpc::CallbackServerContext* context,
                                   const v1::UploadRequest* request,
                                   v1::UploadResponse* response) override;

 private:
  const PeerGate& gate_;
  const LeaderChannel& leader_;
};

// HealthTaskService of a front, as FrontMetrics.
class FrontHealthTasks final : public v1::HealthTaskService::CallbackService {
 public:
  FrontHealthTasks(const PeerGate& gate, const LeaderChannel& leader)
      : gate_(gate), leader_(leader) {}

  grpc::ServerUnaryReactor* GetHealthTasks(grpc::CallbackServerContext* context,
                                           const v1::GetHealthTasksRequest* request,
                                           v1::GetHealthTasksResponse* response) override;

 private:
  const PeerGate& gate_;
  const LeaderChannel& leader_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_FRONT_SERVICES_H_
