#include "tests/swarm/agents/own_devices.h"

#include <memory>

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "flotilla/v1/device.grpc.pb.h"

namespace flotilla::swarm {
namespace {

constexpr int kDeadlineSeconds = 20;

}  // namespace

void CountDevice(const v1::Device& device, OwnDevices& own) {
  ++own.known;
  if (device.liveness() != v1::LIVENESS_ONLINE) {
    return;
  }
  ++own.online;
  bool any = false;
  for (const v1::LineStatus& line : device.lines()) {
    if (!line.has_current()) {
      continue;
    }
    any = true;
    ++own.releases[absl::StrCat(line.line(), " ", line.current().version(),
                                line.trial() ? " on trial" : "")];
  }
  if (!any) {
    ++own.releases["nothing"];
  }
}

StatusOr<OwnDevices> AskForDevices(const OperatorAccess& access,
                                   const std::vector<std::string>& ids) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, DialOperator(access));
  const auto stub = v1::DeviceAdminService::NewStub(channel);
  OwnDevices own;
  for (const std::string& id : ids) {
    grpc::ClientContext context;
    context.set_deadline(gpr_time_from_seconds(kDeadlineSeconds, GPR_TIMESPAN));
    v1::GetDeviceRequest request;
    request.set_device_id(id);
    v1::GetDeviceResponse response;
    const grpc::Status status = stub->GetDevice(&context, request, &response);
    if (status.error_code() == grpc::NOT_FOUND) {
      continue;
    }
    if (!status.ok()) {
      return Status(static_cast<StatusCode>(status.error_code()),
                    absl::StrCat(id, ": ", status.error_message()));
    }
    CountDevice(response.device(), own);
  }
  return own;
}

}  // namespace flotilla::swarm
