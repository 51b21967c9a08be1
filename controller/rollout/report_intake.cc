#include "controller/rollout/report_intake.h"

#include "controller/rollout/hold.h"
#include "controller/rollout/judge.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/retry.h"
#include "controller/rollout/stratum_hold.h"
#include "controller/rollout/wind_down.h"

namespace flotilla::rollout {
namespace {

void TakeEvidence(v1::RolloutDevice& device, const v1::UpdateReport& report) {
  if (report.has_golden()) {
    *device.mutable_golden() = report.golden();
  }
  if (!report.variant().empty()) {
    device.set_variant(report.variant());
  }
}

void ActOnFailure(RolloutRun& run, const v1::RolloutDevice& device, const Turn& turn) {
  const Judgement judgement = JudgeFailure(run, device);
  if (judgement.verdict != Verdict::kAbort) {
    return;
  }
  if (!run.IsActive()) {
    if (run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
      run.Explain(
          "completed, but went bad since: " + judgement.evidence + "; a rollback takes it back",
          turn);
    }
    return;
  }
  run.wave(device.wave()).set_state(v1::WAVE_STATE_FAILED);
  if (run.spec().strategy().judge().on_fail() == v1::ON_FAIL_PAUSE) {
    run.current_wave().set_state(v1::WAVE_STATE_FAILED);
    Pause(run, v1::PAUSE_REASON_INCONCLUSIVE, v1::HOLD_MODE_FREEZE,
          "paused at a failing verdict: " + judgement.evidence, turn);
    return;
  }
  BeginAbort(run, "aborted: " + judgement.evidence, turn);
}

}  // namespace

void ApplyReport(RolloutRun& run, const std::string& device_id, const v1::UpdateReport& report,
                 const Turn& turn) {
  v1::RolloutDevice* device = run.FindDevice(device_id);
  if (device == nullptr) {
    return;
  }
  const v1::ReleaseRef& release = report.release();
  if (run.row().has_baseline() && release.sha256() == run.row().baseline().sha256()) {
    ApplyReturnReport(run, *device, report, turn);
    return;
  }
  if (release.sha256() != run.row().release().sha256() || report.attempt() < device->attempt() ||
      !MayReport(device->state(), report.state())) {
    return;
  }
  TakeEvidence(*device, report);
  run.Move(*device, report.state(), report.reason(), turn);
  if (OutcomeOf(device->state()) == Outcome::kQuality) {
    HoldCluster(run, *device, turn);
    ActOnFailure(run, *device, turn);
  }
  if (run.IsActive() || run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
    PlanRetry(run, *device, turn);
  }
  PauseAtOutcome(run, *device, turn);
}

}  // namespace flotilla::rollout
