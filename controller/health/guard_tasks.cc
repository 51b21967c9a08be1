#include "controller/health/guard_tasks.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "controller/fleet/proto_time.h"
#include "telemetry/schema/registry.h"

namespace flotilla::controller {
namespace {

using rollout::GuardLook;
using rollout::GuardOrder;
using rollout::GuardStatus;
using rollout::GuardSum;

constexpr Duration kSlack = absl::Minutes(15);

std::string NameOf(const GuardOrder& order) {
  return absl::StrCat(order.rollout_id, "/", order.wave_name);
}

bool IsOver(const v1::HealthWindow& window) {
  return window.state() == v1::HEALTH_WINDOW_STATE_COLLECTED ||
         window.state() == v1::HEALTH_WINDOW_STATE_TOO_FEW ||
         window.state() == v1::HEALTH_WINDOW_STATE_FAILED;
}

// Every window of the task, those that are not shown yet included, is over for good.
bool IsOver(const v1::HealthResult& result) {
  const v1::HealthTask& task = result.task();
  const Duration all = FromProto(task.ends_at()) - FromProto(task.begins_at());
  const auto closed = std::count_if(result.windows().begin(), result.windows().end(),
                                    [](const v1::HealthWindow& window) { return IsOver(window); });
  return static_cast<double>(closed) >= absl::FDivDuration(all, FromProto(task.window()));
}

// Reports of a window are sent in the next, verified within another and collected within a third.
Time UntilOf(const v1::HealthTask& task) {
  const Duration window = FromProto(task.window());
  return FromProto(task.ends_at()) + 3 * window + std::min(kSlack, 3 * window);
}

GuardSum SumOf(const v1::HealthWindow& window) {
  GuardSum sum;
  sum.reports = window.reports();
  const std::size_t buckets =
      std::min(sum.counts.size(), static_cast<std::size_t>(window.buckets_size()));
  for (std::size_t i = 0; i < buckets; ++i) {
    sum.counts[i] = window.buckets(static_cast<int>(i)).count();
  }
  return sum;
}

const v1::HealthWindow* Collected(const v1::HealthResult& result, Time begins) {
  for (const v1::HealthWindow& window : result.windows()) {
    if (window.state() == v1::HEALTH_WINDOW_STATE_COLLECTED &&
        FromProto(window.begins_at()) == begins) {
      return &window;
    }
  }
  return nullptr;
}

void AddLooks(const v1::HealthResult& canary, const v1::HealthResult& control,
              GuardStatus& status) {
  // Shown newest first.
  for (auto window = canary.windows().rbegin(); window != canary.windows().rend(); ++window) {
    const v1::HealthWindow* other = Collected(control, FromProto(window->begins_at()));
    if (window->state() == v1::HEALTH_WINDOW_STATE_COLLECTED && other != nullptr) {
      status.looks.push_back({FromProto(window->ends_at()), SumOf(*window), SumOf(*other)});
    }
  }
}

// The newest window that is over and was not collected.
std::string LostText(const v1::HealthResult& result, const char* arm) {
  for (const v1::HealthWindow& window : result.windows()) {
    if (IsOver(window) && !window.reason().empty()) {
      return absl::StrCat("the ", arm, " arm: ", window.reason());
    }
  }
  return "";
}

}  // namespace

StatusOr<TaskAsk> AskOfArm(const GuardOrder& order, dap::Arm arm, std::optional<Time> begin) {
  const bool canary = arm == dap::Arm::kCanary;
  const v1::ReleaseRef& release = canary ? order.release : order.baseline;
  TaskAsk ask;
  ask.metric = &schema::MetricOf(schema::MetricId::kGateVerdict);
  ask.line = order.line;
  ask.version = release.version();
  FLOTILLA_ASSIGN_OR_RETURN(ask.release, Digest::FromBytes(AsBytes(release.sha256())));
  ask.arm = arm;
  ask.kind = order.demo_window.has_value() ? dap::TaskKind::kDemo : dap::TaskKind::kReal;
  ask.demo_window = order.demo_window.value_or(kDemoWindow);
  ask.cohort_devices = canary ? order.canary_devices : order.control_devices;
  ask.guards = NameOf(order);
  ask.looks = order.looks;
  ask.begin = begin;
  return ask;
}

const v1::HealthResult* FindArm(const HealthPicture& picture, const GuardOrder& order,
                                v1::HealthArm arm) {
  const std::string name = NameOf(order);
  const auto found =
      std::find_if(picture.results.begin(), picture.results.end(), [&](const auto& result) {
        return result.task().guards() == name && result.task().arm() == arm;
      });
  return found == picture.results.end() ? nullptr : &*found;
}

GuardStatus StatusOfOrder(const HealthPicture& picture, const GuardOrder& order) {
  GuardStatus status;
  const v1::HealthResult* canary = FindArm(picture, order, v1::HEALTH_ARM_CANARY);
  const v1::HealthResult* control = FindArm(picture, order, v1::HEALTH_ARM_CONTROL);
  if (canary != nullptr) {
    status.canary_task = canary->task().id();
  }
  if (control != nullptr) {
    status.control_task = control->task().id();
  }
  if (canary == nullptr || control == nullptr) {
    return status;
  }
  status.until = std::max(UntilOf(canary->task()), UntilOf(control->task()));
  AddLooks(*canary, *control, status);
  status.trouble = LostText(*canary, "canary");
  if (status.trouble.empty()) {
    status.trouble = LostText(*control, "control");
  }
  if (IsOver(*canary) && IsOver(*control)) {
    status.rest = GuardStatus::Rest::kNoMoreLooks;
  }
  return status;
}

}  // namespace flotilla::controller
