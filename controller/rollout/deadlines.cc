#include "controller/rollout/deadlines.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "controller/rollout/hold.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/silence.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr Duration kSilencePeriod = absl::Minutes(1);

// Somebody or something has told it to wait.
bool IsHeldNow(const RolloutRun& run, const v1::RolloutDevice& device, const Turn& turn) {
  if (device.state() >= v1::DEPLOYMENT_STATE_ACTIVATING) {
    return false;
  }
  const v1::Device* known = turn.fleet.FindDevice(device.device_id());
  return run.Is(v1::ROLLOUT_STATE_PAUSED) ||
         (known != nullptr &&
          (turn.policies.Holding(*known) != nullptr ||
           WindowHold(run, *known, device.state()) != v1::HOLD_MODE_UNSPECIFIED));
}

// Looks at the whole fleet, so it is asked no more than once a minute.
bool TestSilence(RolloutRun& run, const Turn& turn) {
  if (turn.now < run.silence_asked_at + kSilencePeriod) {
    return false;
  }
  run.silence_asked_at = turn.now;
  SilenceGroup updated;
  SilenceGroup control;
  turn.fleet.ForEachDevice([&](const v1::Device& device) {
    const v1::RolloutDevice* row = run.FindDevice(device.id());
    if (!IsServed(device) || device.liveness() >= v1::LIVENESS_STALE) {
      return;
    }
    SilenceGroup& group = row != nullptr && IsExposed(row->state()) ? updated : control;
    ++group.devices;
    group.silent += IsReachable(&device) ? 0U : 1U;
  });
  return SilenceFires(updated, control);
}

void LoseSilent(RolloutRun& run, const std::vector<std::string>& silent, const Turn& turn) {
  for (const std::string& device_id : silent) {
    run.Move(*run.FindDevice(device_id), v1::DEPLOYMENT_STATE_LOST,
             v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT, turn);
  }
  if (run.Is(v1::ROLLOUT_STATE_RUNNING)) {
    Pause(run, v1::PAUSE_REASON_SILENT_DEVICES, v1::HOLD_MODE_FREEZE,
          "paused: " + std::to_string(silent.size()) +
              " updated devices fell silent, far more than those not updated yet",
          turn);
  }
}

// Devices past the deadline of their phase: those that still talk, and those that switched to the
// release and were not heard since.
struct Overdue {
  std::vector<std::string> late;
  std::vector<std::string> silent;
};

// Looks at every device in flight, and notes when it has to be asked again.
Overdue FindOverdue(RolloutRun& run, const Turn& turn) {
  const PhaseDeadlines deadlines = DeadlinesOf(run.spec());
  run.next_deadline = absl::InfiniteFuture();
  Overdue overdue;
  for (const Lane lane : {Lane::kQuorum, Lane::kCatchUp}) {
    for (const auto& [order, device_id] : run.index().busy(lane)) {
      const v1::RolloutDevice& device = *run.FindDevice(device_id);
      const std::optional<Time> deadline = DeadlineOf(device, deadlines);
      if (!deadline.has_value()) {
        continue;
      }
      run.next_deadline = std::min(run.next_deadline, *deadline);
      if (turn.now < *deadline || IsHeldNow(run, device, turn)) {
        continue;
      }
      if (IsReachable(turn.fleet.FindDevice(device_id))) {
        overdue.late.push_back(device_id);
      } else if (device.state() >= v1::DEPLOYMENT_STATE_ACTIVATING) {
        overdue.silent.push_back(device_id);
      }
    }
  }
  return overdue;
}

}  // namespace

std::optional<Time> DeadlineOf(const v1::RolloutDevice& device, const PhaseDeadlines& deadlines) {
  if (!device.has_accepted_at() || IsTerminal(device.state())) {
    return std::nullopt;
  }
  if (device.state() >= v1::DEPLOYMENT_STATE_ACTIVATING) {
    return FromWire(device.changed_at()) + deadlines.trial;
  }
  if (device.state() == v1::DEPLOYMENT_STATE_WAITING) {
    return std::nullopt;  // A window or a lock: the wave's deadline is all that limits it.
  }
  if (device.state() == v1::DEPLOYMENT_STATE_SELF_TESTING) {
    return FromWire(device.changed_at()) + deadlines.self_test;
  }
  return FromWire(device.accepted_at()) + deadlines.download;
}

void ApplyDeadlines(RolloutRun& run, const Turn& turn) {
  if (turn.now < run.next_deadline) {
    return;
  }
  if (run.Is(v1::ROLLOUT_STATE_PAUSED) &&
      run.row().pause_reason() == v1::PAUSE_REASON_FLEET_CONNECTIVITY) {
    return;
  }
  const Overdue overdue = FindOverdue(run, turn);
  for (const std::string& device_id : overdue.late) {
    v1::RolloutDevice& device = *run.FindDevice(device_id);
    run.Move(device, v1::DEPLOYMENT_STATE_TIMED_OUT,
             device.state() < v1::DEPLOYMENT_STATE_SELF_TESTING
                 ? v1::FAILURE_REASON_FETCH_DEADLINE
                 : v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT,
             turn);
    PauseAtOutcome(run, device, turn);
  }
  if (!overdue.silent.empty() && TestSilence(run, turn)) {
    LoseSilent(run, overdue.silent, turn);
  }
}

}  // namespace flotilla::rollout
