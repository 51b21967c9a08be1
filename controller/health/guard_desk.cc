#include "controller/health/guard_desk.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/log.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"
#include "controller/fleet/rollout_desk.h"
#include "controller/health/guard_tasks.h"

namespace flotilla::controller {
namespace {

using rollout::GuardOrder;
using rollout::GuardStatus;

constexpr Duration kLookEvery = absl::Seconds(1);
constexpr Duration kIdle = absl::Seconds(5);
constexpr Duration kAskAgain = absl::Seconds(5);
// A refusal may come of a window that begins too soon; one that stays is believed.
constexpr std::uint32_t kMostRefusals = 3;

bool IsAway(const Status& status) {
  return status.code() == StatusCode::kUnavailable ||
         status.code() == StatusCode::kDeadlineExceeded ||
         status.code() == StatusCode::kAlreadyExists;
}

}  // namespace

void GuardDesk::Start() {
  Look();
}

void GuardDesk::Look() {
  const std::vector<GuardOrder> orders = parts_.fleet.rollouts().OpenGuards();
  if (orders.empty()) {
    asking_.clear();
  }
  for (const GuardOrder& order : orders) {
    Serve(order);
  }
  parts_.loop.PostAfter(orders.empty() ? kIdle : kLookEvery, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) {
      Look();
    }
  });
}

void GuardDesk::Serve(const GuardOrder& order) {
  const std::shared_ptr<const HealthPicture> picture = parts_.board.Newest();
  GuardStatus status = StatusOfOrder(*picture, order);
  if (parts_.health == nullptr) {
    status.rest = GuardStatus::Rest::kRefused;
    status.trouble = picture->reason;
  } else if (order.canary_task.empty() && status.canary_task.empty()) {
    Ask(order, dap::Arm::kCanary, std::nullopt);
  } else if (order.control_task.empty() && status.control_task.empty()) {
    const v1::HealthResult* canary = FindArm(*picture, order, v1::HEALTH_ARM_CANARY);
    Ask(order, dap::Arm::kControl,
        canary == nullptr ? std::nullopt
                          : std::optional<Time>(FromProto(canary->task().begins_at())));
  }
  for (const dap::Arm arm : {dap::Arm::kCanary, dap::Arm::kControl}) {
    const auto asked = asking_.find({order.rollout_id, order.wave, arm});
    if (asked == asking_.end() || asked->second.trouble.empty()) {
      continue;
    }
    status.trouble = asked->second.trouble;
    if (asked->second.refused >= kMostRefusals) {
      status.rest = GuardStatus::Rest::kRefused;
    }
  }
  parts_.fleet.rollouts().TakeGuardStatus(order.rollout_id, order.wave, status);
}

void GuardDesk::Ask(const GuardOrder& order, dap::Arm arm, std::optional<Time> begin) {
  const ArmKey key{order.rollout_id, order.wave, arm};
  Asking& asking = asking_[key];
  if (asking.under_way || parts_.clock.Monotonic() < asking.again) {
    return;
  }
  asking.under_way = true;
  const StatusOr<TaskAsk> ask = AskOfArm(order, arm, begin);
  if (!ask.ok()) {
    OnAsked(key, ask.status());
    return;
  }
  parts_.health->Create(*ask, [this, key, alive = std::weak_ptr(alive_),
                               &fleet = parts_.fleet](const StatusOr<v1::HealthTask>& task) {
    fleet.Post([this, key, alive, task] {
      if (!alive.expired()) {
        OnAsked(key, task);
      }
    });
  });
}

void GuardDesk::OnAsked(const ArmKey& key, const StatusOr<v1::HealthTask>& task) {
  Asking& asking = asking_[key];
  asking.under_way = false;
  if (task.ok()) {
    asking_.erase(key);
    Audit(*task);
    return;
  }
  LogStatus(LogLevel::kWarning, "guard.not_asked", task.status());
  asking.refused += IsAway(task.status()) ? 0U : 1U;
  asking.again = parts_.clock.Monotonic() + kAskAgain;
  asking.trouble = std::string(MessageOf(task.status()));
}

void GuardDesk::Audit(const v1::HealthTask& task) {
  FleetChange change;
  change.audit.push_back(MakeAuditEntry(
      kControllerActor, "health.ask", absl::StrCat("health/", task.id().substr(0, 12)),
      absl::StrCat(task.metric(), " of ", task.line(), " ", task.release(),
                   " for the private gate of ", task.guards(), ", ", task.noise())));
  parts_.fleet.Apply(std::move(change), nullptr);
}

}  // namespace flotilla::controller
