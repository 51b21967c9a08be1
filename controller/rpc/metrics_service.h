#ifndef FLOTILLA_CONTROLLER_RPC_METRICS_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_METRICS_SERVICE_H_

#include "controller/health/health_desk.h"
#include "controller/rpc/peer_gate.h"
#include "flotilla/v1/metrics.grpc.pb.h"

namespace flotilla::controller {

// MetricsService: sealed reports of devices that have a good certificate. Thread-safe; what is
// given outlives it, and the desk's loop runs until the last call has ended.
class MetricsService final : public v1::MetricsService::CallbackService {
 public:
  // `desk` null: this fleet has no second party, and every task is unknown.
  MetricsService(const PeerGate& gate, HealthDesk* desk) : gate_(gate), desk_(desk) {}

  grpc::ServerUnaryReactor* Upload(grpc::CallbackServerContext* context,
                                   const v1::UploadRequest* request,
                                   v1::UploadResponse* response) override;

 private:
  const PeerGate& gate_;
  HealthDesk* const desk_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_METRICS_SERVICE_H_
