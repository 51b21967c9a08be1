#include "controller/rpc/rollout_service.h"

#include <utility>

#include "controller/fleet/rollout_desk.h"
#include "controller/rpc/rollout_watch.h"

namespace flotilla::controller {

grpc::ServerUnaryReactor* RolloutService::CreateRollout(grpc::CallbackServerContext* context,
                                                        const v1::CreateRolloutRequest* request,
                                                        v1::CreateRolloutResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().rollouts().Create(*request, actor, [response, finish](auto created) {
          if (created.ok()) {
            *response = std::move(*created);
          }
          finish(created.status());
        });
      });
}

grpc::ServerUnaryReactor* RolloutService::ActOnRollout(grpc::CallbackServerContext* context,
                                                       const v1::ActOnRolloutRequest* request,
                                                       v1::ActOnRolloutResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().rollouts().Act(*request, actor, [response, finish](auto rollout) {
          if (rollout.ok()) {
            *response->mutable_rollout() = std::move(*rollout);
          }
          finish(rollout.status());
        });
      });
}

grpc::ServerUnaryReactor* RolloutService::SetRollout(grpc::CallbackServerContext* context,
                                                     const v1::SetRolloutRequest* request,
                                                     v1::SetRolloutResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().rollouts().Set(*request, actor, [response, finish](auto edited) {
          if (edited.ok()) {
            *response = std::move(*edited);
          }
          finish(edited.status());
        });
      });
}

grpc::ServerUnaryReactor* RolloutService::GetRollout(grpc::CallbackServerContext* context,
                                                     const v1::GetRolloutRequest* request,
                                                     v1::GetRolloutResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        auto rollout = calls_.fleet().rollouts().Find(request->rollout_id());
        if (rollout.ok()) {
          *response->mutable_rollout() = std::move(*rollout);
        }
        finish(rollout.status());
      });
}

grpc::ServerUnaryReactor* RolloutService::ListRollouts(grpc::CallbackServerContext* context,
                                                       const v1::ListRolloutsRequest* request,
                                                       v1::ListRolloutsResponse* response) {
  return calls_.Serve(context, *request,
                      [this, response](const std::string&, const OperatorCalls::Finish& finish) {
                        for (v1::Rollout& rollout : calls_.fleet().rollouts().List()) {
                          *response->add_rollouts() = std::move(rollout);
                        }
                        finish(OkStatus());
                      });
}

grpc::ServerUnaryReactor* RolloutService::ListRolloutDevices(
    grpc::CallbackServerContext* context, const v1::ListRolloutDevicesRequest* request,
    v1::ListRolloutDevicesResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        auto devices = calls_.fleet().rollouts().Devices(request->rollout_id());
        if (devices.ok()) {
          for (v1::RolloutDevice& device : *devices) {
            *response->add_devices() = std::move(device);
          }
        }
        finish(devices.status());
      });
}

grpc::ServerUnaryReactor* RolloutService::ExplainRollout(grpc::CallbackServerContext* context,
                                                         const v1::ExplainRolloutRequest* request,
                                                         v1::ExplainRolloutResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string&, const OperatorCalls::Finish& finish) {
        const RolloutDesk& desk = calls_.fleet().rollouts();
        auto rollout = desk.Find(request->rollout_id());
        auto lines = desk.Explain(request->rollout_id());
        if (rollout.ok() && lines.ok()) {
          *response->mutable_rollout() = std::move(*rollout);
          for (std::string& line : *lines) {
            response->add_lines(std::move(line));
          }
        }
        finish(lines.status());
      });
}

grpc::ServerWriteReactor<v1::WatchRolloutResponse>* RolloutService::WatchRollout(
    grpc::CallbackServerContext* context, const v1::WatchRolloutRequest* request) {
  return RolloutWatch::Open(calls_, *context, *request);
}

}  // namespace flotilla::controller
