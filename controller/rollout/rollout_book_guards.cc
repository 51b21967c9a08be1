// The private gates of a rollout book's waves.
#include "controller/rollout/guard_arms.h"
#include "controller/rollout/guard_spec.h"
#include "controller/rollout/rollout_book.h"
#include "controller/rollout/rollout_run.h"
#include "controller/rollout/wave_guard.h"

namespace flotilla::rollout {

RolloutChange RolloutBook::OnGuardStatus(const std::string& rollout_id, std::uint32_t wave,
                                         const GuardStatus& status, Time now) {
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  if (RolloutRun* run = FindRun(rollout_id); run != nullptr) {
    TakeGuardStatus(*run, wave, status, turn);
    Follow(*run, turn);
  }
  return std::move(changes).Take();
}

std::vector<GuardOrder> RolloutBook::OpenGuards() const {
  std::vector<GuardOrder> orders;
  for (const auto& run : runs_) {
    AddOrders(*run, orders);
  }
  return orders;
}

std::set<std::string> RolloutBook::GuardTasksOf(const std::string& device_id,
                                                const std::set<std::string>& offered) const {
  std::set<std::string> tasks;
  const v1::Device* device = fleet_.FindDevice(device_id);
  if (device == nullptr || offered.empty()) {
    return tasks;
  }
  for (const auto& run : runs_) {
    if (GuardOf(run->spec()) == nullptr) {
      continue;
    }
    for (std::uint32_t wave = 0; wave < static_cast<std::uint32_t>(run->row().waves_size());
         ++wave) {
      const v1::WaveGuard& guard = run->wave(wave).guard();
      if (offered.contains(guard.canary_task()) && InCanaryArm(*run, wave, *device)) {
        tasks.insert(guard.canary_task());
      } else if (offered.contains(guard.control_task()) && InControlArm(*run, wave, *device)) {
        tasks.insert(guard.control_task());
      }
    }
  }
  return tasks;
}

}  // namespace flotilla::rollout
