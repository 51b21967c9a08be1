#include "fleetctl/rollout/rollout_text.h"

#include <sstream>

#include <gtest/gtest.h>

#include "fleetctl/cli/exit_code.h"

namespace flotilla::fleetctl {
namespace {

v1::Rollout Running() {
  v1::Rollout rollout;
  rollout.set_id("pump-2");
  rollout.mutable_spec()->set_line("pump");
  rollout.mutable_spec()->set_version("2.0.0");
  rollout.set_state(v1::ROLLOUT_STATE_RUNNING);
  rollout.set_current_wave(1);
  rollout.set_cusum_bound(3.22);
  for (const std::string name : {"canary", "early", "rest"}) {
    rollout.add_waves()->mutable_spec()->set_name(name);
  }
  v1::Wave& canary = *rollout.mutable_waves(0);
  canary.set_state(v1::WAVE_STATE_PASSED);
  canary.mutable_dispatched_at()->set_seconds(1);
  canary.set_members(1);
  canary.set_small(true);
  (*canary.mutable_counts())[v1::DEPLOYMENT_STATE_SUCCEEDED] = 1;
  v1::Wave& early = *rollout.mutable_waves(1);
  early.set_state(v1::WAVE_STATE_DISPATCHING);
  early.mutable_dispatched_at()->set_seconds(2);
  early.set_members(80);
  early.set_llr(-0.412);
  early.set_llr_pass(-2.99);
  early.set_llr_abort(4.55);
  (*early.mutable_counts())[v1::DEPLOYMENT_STATE_SUCCEEDED] = 10;
  (*early.mutable_counts())[v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE] = 2;
  (*early.mutable_counts())[v1::DEPLOYMENT_STATE_TRIAL] = 68;
  rollout.mutable_waves(2)->set_state(v1::WAVE_STATE_PENDING);
  return rollout;
}

TEST(RolloutText, ProgressTellsWavesAndEvidenceInOneLine) {
  EXPECT_EQ(ProgressLine(Running()),
            "pump-2  RUNNING  canary passed 1/1 > early dispatching 10/80 (2 failed) > rest "
            "pending  [LLR -0.41, pass at -2.99, abort at +4.55; monitor +0.00 of +3.22]");
}

TEST(RolloutText, SaysThatASmallWaveIsJudgedByItsOwnRule) {
  v1::Rollout rollout = Running();
  rollout.set_current_wave(0);
  EXPECT_NE(ProgressLine(rollout).find("one quality failure aborts"), std::string::npos);
}

TEST(RolloutText, TableOfDevicesNamesReasonsWithTheirNumbers) {
  v1::ListRolloutDevicesResponse response;
  v1::RolloutDevice& device = *response.add_devices();
  device.set_device_id("dev-01");
  device.set_state(v1::DEPLOYMENT_STATE_FAILED_REVERTED);
  device.set_reason(v1::FAILURE_REASON_INSTALL_SMOKE_FAILED);
  device.mutable_golden()->set_correct(15);
  device.mutable_golden()->set_running_correct(39);
  device.mutable_golden()->set_total(40);
  std::ostringstream out;
  DevicesTable(response, Running(), Width::kNormal).Print(out);
  EXPECT_NE(out.str().find("FAILED_REVERTED 310"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("INSTALL_SMOKE_FAILED 605"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("15/40 (before: 39)"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("canary"), std::string::npos) << out.str();
}

TEST(RolloutText, TableOfRolloutsAddsUpTheWaves) {
  v1::ListRolloutsResponse response;
  *response.add_rollouts() = Running();
  std::ostringstream out;
  RolloutsTable(response).Print(out);
  EXPECT_NE(out.str().find("11/81"), std::string::npos) << out.str();
}

TEST(RolloutText, ShowsThePrivateGateOfEachWaveThatHasOne) {
  v1::Rollout rollout = Running();
  EXPECT_EQ(GuardLines(rollout), "");
  rollout.mutable_waves(0)->mutable_guard()->set_why("HOLD (waived): promoted by bob");
  rollout.mutable_waves(2)->mutable_guard()->set_why("as the fleet is now: smoke only");
  rollout.mutable_waves(2)->mutable_guard()->set_shadow(true);
  EXPECT_EQ(GuardLines(rollout),
            "Private gate of wave canary: HOLD (waived): promoted by bob.\n"
            "Private gate of wave rest (informs only): as the fleet is now: smoke only.\n");
}

TEST(RolloutWait, EndsWithTheExitCodeOfTheEnd) {
  v1::Rollout rollout = Running();
  EXPECT_EQ(WaitCodeOf(rollout, AtPause::kStop), kWaitGoesOn);
  rollout.set_state(v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(WaitCodeOf(rollout, AtPause::kStop), kExitOk);
  rollout.set_state(v1::ROLLOUT_STATE_ABORTED);
  EXPECT_EQ(WaitCodeOf(rollout, AtPause::kStop), kExitAborted);
  rollout.set_state(v1::ROLLOUT_STATE_SUPERSEDED);
  EXPECT_EQ(WaitCodeOf(rollout, AtPause::kStop), kExitSuperseded);
}

TEST(RolloutWait, StopsAtAPauseThatNeedsAPersonOnly) {
  v1::Rollout rollout = Running();
  rollout.set_state(v1::ROLLOUT_STATE_PAUSED);
  rollout.set_pause_reason(v1::PAUSE_REASON_GATE);
  EXPECT_EQ(WaitCodeOf(rollout, AtPause::kStop), kExitPaused);
  EXPECT_EQ(WaitCodeOf(rollout, AtPause::kGoOn), kWaitGoesOn);
  rollout.set_pause_reason(v1::PAUSE_REASON_SOURCE_UNAVAILABLE);
  EXPECT_EQ(WaitCodeOf(rollout, AtPause::kStop), kWaitGoesOn);
}

}  // namespace
}  // namespace flotilla::fleetctl
