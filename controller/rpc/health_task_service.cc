#include "controller/rpc/health_task_service.h"

#include <cstdint>
#include <memory>
#include <string>

#include "controller/fleet/rollout_desk.h"
#include "controller/health/concern.h"
#include "controller/rpc/grpc_status.h"

namespace flotilla::controller {
namespace {

std::string TextOf(const Bytes& bytes) {
  return std::string(AsText(bytes));
}

DeviceConcern ConcernIn(const Fleet& fleet, const std::string& id, const HealthPicture& picture) {
  const v1::Device* device = fleet.state().FindDevice(id);
  if (device == nullptr) {
    return {};
  }
  DeviceConcern concern = ConcernOf(*device);
  concern.guarded = fleet.rollouts().GuardTasksOf(id, GuardOffers(picture));
  return concern;
}

Status FillTasks(const HealthPicture& picture, std::uint32_t schema_version,
                 const DeviceConcern& device, v1::GetHealthTasksResponse& response) {
  if (picture.leader_identity.empty()) {
    return Unavailable("this fleet has no second party: nothing is asked of devices");
  }
  if (picture.helper_hpke_configs.empty()) {
    return Unavailable("the helper's keys are not known yet");
  }
  for (const HealthOffer& offer : picture.offers) {
    if (Concerns(offer, device) && offer.schema_version == schema_version) {
      response.add_task_configurations(TextOf(offer.configuration));
    }
  }
  response.set_leader_identity(TextOf(picture.leader_identity));
  response.set_leader_hpke_configs(TextOf(picture.leader_hpke_configs));
  response.set_helper_hpke_configs(TextOf(picture.helper_hpke_configs));
  return OkStatus();
}

}  // namespace

void TellHealthTasks(Fleet& fleet, const HealthBoard& board, const std::string& device_id,
                     std::uint32_t schema_version,
                     const std::function<void(const StatusOr<v1::GetHealthTasksResponse>&)>& done) {
  fleet.Post([&fleet, &board, device_id, schema_version, done] {
    const std::shared_ptr<const HealthPicture> picture = board.Newest();
    v1::GetHealthTasksResponse response;
    const Status status =
        FillTasks(*picture, schema_version, ConcernIn(fleet, device_id, *picture), response);
    done(status.ok() ? StatusOr<v1::GetHealthTasksResponse>(response) : status);
  });
}

grpc::ServerUnaryReactor* HealthTaskService::GetHealthTasks(
    grpc::CallbackServerContext* context, const v1::GetHealthTasksRequest* request,
    v1::GetHealthTasksResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto peer = gate_.Check(*context, security::PeerKind::kDevice);
  if (!peer.ok()) {
    reactor->Finish(StatusToGrpc(peer.status(), *context));
    return reactor;
  }
  TellHealthTasks(fleet_, board_, peer->name, request->schema_version(),
                  [reactor, context, response](const StatusOr<v1::GetHealthTasksResponse>& answer) {
                    if (answer.ok()) {
                      *response = *answer;
                    }
                    reactor->Finish(StatusToGrpc(answer.status(), *context));
                  });
  return reactor;
}

}  // namespace flotilla::controller
