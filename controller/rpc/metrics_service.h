#ifndef FLOTILLA_CONTROLLER_RPC_METRICS_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_METRICS_SERVICE_H_

#include <functional>
#include <string>

#include "controller/health/health_desk.h"
#include "controller/rpc/peer_gate.h"
#include "flotilla/v1/metrics.grpc.pb.h"

namespace flotilla::controller {

inline constexpr char kUploadMethod[] = "/flotilla.v1.MetricsService/Upload";

// Takes a sealed report of a device. `desk` null: this fleet has no second party, and every task is
// unknown. `done` on any thread. INVALID_ARGUMENT: not the form of a report.
void TakeUpload(HealthDesk* desk, const std::string& device_id, const v1::UploadRequest& request,
                const std::function<void(const StatusOr<v1::UploadResponse>&)>& done);

// MetricsService for replicas: TakeUpload for devices that have a good certificate. Thread-safe;
// what is given outlives it, and the desk's loop runs until the last call has ended.
class MetricsService final : public v1::MetricsService::CallbackService {
 public:
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
