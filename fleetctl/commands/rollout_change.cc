#include "fleetctl/commands/rollout_change.h"

#include <cstdint>
#include <ostream>

#include "flotilla/v1/device.grpc.pb.h"
#include "flotilla/v1/rollout.grpc.pb.h"

#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rollout/change_size.h"
#include "fleetctl/rollout/rollout_text.h"
#include "fleetctl/rpc/channel.h"

namespace flotilla::fleetctl {
namespace {

using v1::DeviceAdminService;
using v1::RolloutService;

struct Count {
  std::uint32_t devices = 0;
  bool more = false;  // not all were counted
};

std::string TextOf(const Count& count) {
  return (count.more ? "at least " : "") + std::to_string(count.devices);
}

StatusOr<Count> CountMatching(const Cli& cli, const v1::Rollout& rollout) {
  v1::ListDevicesRequest request;
  request.set_selector(rollout.spec().selector());
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListDevicesResponse page,
      (Call<DeviceAdminService>(cli, &DeviceAdminService::Stub::ListDevices, request)));
  return Count{static_cast<std::uint32_t>(page.devices_size()), !page.next_page_token().empty()};
}

StatusOr<Count> CountMembers(const Cli& cli, v1::RolloutAction action, const std::string& id) {
  v1::ListRolloutDevicesRequest request;
  request.set_rollout_id(id);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListRolloutDevicesResponse devices,
      (Call<RolloutService>(cli, &RolloutService::Stub::ListRolloutDevices, request)));
  return Count{MovedDevices(action, devices), false};
}

Status AskFirst(const Cli& cli, v1::RolloutAction action, const std::string& id) {
  v1::GetRolloutRequest request;
  request.set_rollout_id(id);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::GetRolloutResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::GetRollout, request)));
  const v1::Rollout& rollout = response.rollout();
  if (!MovesDevices(action, rollout)) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Count count, action == v1::ROLLOUT_ACTION_START
                                                   ? CountMatching(cli, rollout)
                                                   : CountMembers(cli, action, id));
  if (count.devices <= kAskAbove && !count.more) {
    return OkStatus();
  }
  WavesTable(rollout).Print(cli.err());
  return cli.Confirm(ChangeQuestion(action, rollout, TextOf(count)));
}

}  // namespace

StatusOr<int> ChangeRollout(Cli& cli, const v1::ActOnRolloutRequest& request) {
  if (!cli.assume_yes()) {
    FLOTILLA_RETURN_IF_ERROR(AskFirst(cli, request.action(), request.rollout_id()));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ActOnRolloutResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::ActOnRollout, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  cli.out() << "rollout " << response.rollout().id() << " is " << StateCell(response.rollout())
            << ": " << response.rollout().why() << "\n";
  return kExitOk;
}

}  // namespace flotilla::fleetctl
