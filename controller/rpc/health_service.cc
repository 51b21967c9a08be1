#include "controller/rpc/health_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "controller/fleet/audit_entry.h"
#include "controller/fleet/rollout_desk.h"
#include "controller/health/cohort.h"

namespace flotilla::controller {

grpc::ServerUnaryReactor* HealthService::ListHealth(grpc::CallbackServerContext* context,
                                                    const v1::ListHealthRequest* request,
                                                    v1::ListHealthResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        *response = SelectHealth(*board_.Newest(), *request);
        finish(OkStatus());
      });
}

grpc::ServerUnaryReactor* HealthService::CreateHealthTask(
    grpc::CallbackServerContext* context, const v1::CreateHealthTaskRequest* request,
    v1::CreateHealthTaskResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        Create(actor, *request, *response, finish);
      });
}

void HealthService::Create(const std::string& actor, const v1::CreateHealthTaskRequest& request,
                           v1::CreateHealthTaskResponse& response,
                           const OperatorCalls::Finish& finish) const {
  if (desk_ == nullptr) {
    finish(FailedPrecondition(board_.Newest()->reason));
    return;
  }
  Fleet& fleet = calls_.fleet();
  const auto ask = AskOf(request, fleet.rollouts().BaselineOf(request.line()), fleet.state());
  if (!ask.ok()) {
    finish(ask.status());
    return;
  }
  desk_->Create(*ask,
                [this, actor, &response, finish, &fleet](const StatusOr<v1::HealthTask>& task) {
                  fleet.Post([this, actor, &response, finish, task] {
                    if (!task.ok()) {
                      finish(task.status());
                      return;
                    }
                    *response.mutable_task() = *task;
                    Audit(actor, *task, finish);
                  });
                });
}

void HealthService::Audit(const std::string& actor, const v1::HealthTask& task,
                          const OperatorCalls::Finish& finish) const {
  FleetChange change;
  change.audit.push_back(
      MakeAuditEntry(actor, "health.ask", absl::StrCat("health/", task.id().substr(0, 12)),
                     absl::StrCat(task.metric(), " of ", task.line(), " ", task.release(), ", ",
                                  task.noise(), task.demo() ? ", a demonstration" : "")));
  calls_.fleet().Apply(std::move(change), finish);
}

}  // namespace flotilla::controller
