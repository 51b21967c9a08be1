#ifndef FLOTILLA_CONTROLLER_RPC_HEALTH_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_HEALTH_SERVICE_H_

#include "controller/health/health_board.h"
#include "controller/health/health_desk.h"
#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/health.grpc.pb.h"

namespace flotilla::controller {

// HealthService for operators: sums over cohorts alone. Thread-safe; what is given outlives it.
class HealthService final : public v1::HealthService::CallbackService {
 public:
  // `desk` null: this fleet has no second party.
  HealthService(OperatorCalls calls, const HealthBoard& board, HealthDesk* desk)
      : calls_(calls), board_(board), desk_(desk) {}

  grpc::ServerUnaryReactor* ListHealth(grpc::CallbackServerContext* context,
                                       const v1::ListHealthRequest* request,
                                       v1::ListHealthResponse* response) override;
  // Written into the audit log once the task is durable.
  grpc::ServerUnaryReactor* CreateHealthTask(grpc::CallbackServerContext* context,
                                             const v1::CreateHealthTaskRequest* request,
                                             v1::CreateHealthTaskResponse* response) override;

 private:
  // On the fleet loop.
  void Create(const std::string& actor, const v1::CreateHealthTaskRequest& request,
              v1::CreateHealthTaskResponse& response, const OperatorCalls::Finish& finish) const;
  void Audit(const std::string& actor, const v1::HealthTask& task,
             const OperatorCalls::Finish& finish) const;

  const OperatorCalls calls_;
  const HealthBoard& board_;
  HealthDesk* const desk_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_HEALTH_SERVICE_H_
