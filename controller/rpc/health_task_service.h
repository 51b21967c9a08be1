#ifndef FLOTILLA_CONTROLLER_RPC_HEALTH_TASK_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_HEALTH_TASK_SERVICE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "controller/fleet/fleet.h"
#include "controller/health/health_board.h"
#include "controller/rpc/peer_gate.h"
#include "flotilla/v1/metrics.grpc.pb.h"

namespace flotilla::controller {

inline constexpr char kGetHealthTasksMethod[] = "/flotilla.v1.HealthTaskService/GetHealthTasks";

// What a device is asked, which is what concerns the releases that it runs, the verdict on those
// that it gave up, the private gates in whose arms it was drawn, and demonstrations. `done` on the
// fleet's loop; what is given outlives it. UNAVAILABLE: there is nothing to ask with.
void TellHealthTasks(Fleet& fleet, const HealthBoard& board, const std::string& device_id,
                     std::uint32_t schema_version,
                     const std::function<void(const StatusOr<v1::GetHealthTasksResponse>&)>& done);

// HealthTaskService for replicas: TellHealthTasks to devices that have a good certificate.
// Thread-safe; what is given outlives it.
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
