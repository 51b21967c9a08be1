#ifndef FLOTILLA_CONTROLLER_RPC_HEALTH_TASK_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_HEALTH_TASK_SERVICE_H_

#include "controller/fleet/fleet.h"
#include "controller/health/health_board.h"
#include "controller/rpc/peer_gate.h"
#include "flotilla/v1/metrics.grpc.pb.h"

namespace flotilla::controller {

// HealthTaskService: what a device is asked, which is what concerns the releases that it runs, the
// verdict on those that it gave up, the private gates in whose arms it was drawn, and
// demonstrations. Thread-safe; what is given outlives it.
class HealthTaskService final : public v1::HealthTaskService::CallbackService {
 public:
  HealthTaskService(const PeerGate& gate, Fleet& fleet, const HealthBoard& board)
      : gate_(gate), fleet_(fleet), board_(board) {}

  grpc::ServerUnaryReactor* GetHealthTasks(grpc::CallbackServerContext* context,
                                           const v1::GetHealthTasksRequest* request,
                                           v1::GetHealthTasksResponse* response) override;

 private:
  const PeerGate& gate_;
  Fleet& fleet_;
  const HealthBoard& board_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_HEALTH_TASK_SERVICE_H_
