#include "controller/rollout/retry.h"

#include <array>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "controller/rollout/cohort.h"

namespace flotilla::rollout {
namespace {

constexpr Duration kLeast = absl::Minutes(1);
// By attempt.
constexpr std::array<Duration, 3> kMost = {absl::Minutes(2), absl::Minutes(8), absl::Minutes(60)};
constexpr std::uint64_t kSteps = 10'000;

void RetryUntil(RolloutRun& run, Time latest, const Turn& turn) {
  const auto& retries = run.index().retries();
  while (!retries.empty() && retries.begin()->first <= latest) {
    TryAgain(run, *run.FindDevice(retries.begin()->second), turn);
  }
}

}  // namespace

void PlanRetry(RolloutRun& run, v1::RolloutDevice& device, const Turn& turn) {
  const std::uint32_t attempt = device.attempt();
  if (device.state() != v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE || attempt == 0 ||
      attempt > kMost.size()) {
    return;
  }
  const std::uint64_t hash =
      CohortHash(absl::StrCat(run.id(), "/retry-", attempt), device.device_id());
  const double share = static_cast<double>(hash % kSteps) / kSteps;
  run.RetryAt(device, turn.now + kLeast + (kMost[attempt - 1] - kLeast) * share, turn);
}

void RetryDue(RolloutRun& run, const Turn& turn) {
  if (run.Is(v1::ROLLOUT_STATE_RUNNING) || run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
    RetryUntil(run, turn.now, turn);
  }
}

void RetryAll(RolloutRun& run, const Turn& turn) {
  RetryUntil(run, absl::InfiniteFuture(), turn);
}

void RetryFailed(RolloutRun& run, const Turn& turn) {
  for (const auto& [device_id, row] : run.devices()) {
    if (row.state() == v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE) {
      TryAgain(run, *run.FindDevice(device_id), turn);
    }
  }
}

void DropRetries(RolloutRun& run, const Turn& turn) {
  const auto& retries = run.index().retries();
  while (!retries.empty()) {
    run.RetryAt(*run.FindDevice(retries.begin()->second), std::nullopt, turn);
  }
}

void TryAgain(RolloutRun& run, v1::RolloutDevice& device, const Turn& turn) {
  device.set_attempt(device.attempt() + 1);
  device.clear_accepted_at();
  run.Move(device, v1::DEPLOYMENT_STATE_PENDING, v1::FAILURE_REASON_UNSPECIFIED, turn);
  // Only the current wave has a quorum.
  if (!device.catch_up() && (!run.IsActive() || device.wave() != run.row().current_wave())) {
    run.MoveToCatchUp(device, turn);
  }
}

}  // namespace flotilla::rollout
