// The private gate of a rollout's waves, on the real book.
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/wire_time.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

using ::testing::HasSubstr;

constexpr char kId[] = "v2";
constexpr std::uint32_t kCanaries = 120;

// Devices that run 1.0.0, and a guarded rollout of 2.0.0 to `canaries` of them, then to the rest.
class WaveGuardTest : public ::testing::Test {
 protected:
  explicit WaveGuardTest(int devices = 300) : lab(devices) {
    lab.Publish("1.0.0", Conduct::kGood);
    lab.Publish("2.0.0", Conduct::kGood);
    lab.CreateAndStart(RolloutLab::Spec("v1", "1.0.0", {}));
    lab.Wait(absl::Seconds(6));
    EXPECT_EQ(lab.Rollout("v1").state(), v1::ROLLOUT_STATE_COMPLETED);
    for (auto& [id, device] : lab.fleet().devices) {
      v1::LineStatus& line = *device.add_lines();
      line.set_line(RolloutLab::kLine);
      *line.mutable_current() = lab.Rollout("v1").release();
    }
  }

  static v1::RolloutSpec Guarded(std::uint32_t canaries = kCanaries) {
    v1::RolloutSpec spec = RolloutLab::Spec(kId, "2.0.0", {canaries});
    v1::HealthGuard& guard = *spec.mutable_strategy()->add_guards();
    guard.set_metric("gate_verdict");
    guard.set_max_bad_increase(0.4);
    return spec;
  }
  // The first wave has soaked.
  void RunToTheGate(const v1::RolloutSpec& spec = Guarded()) {
    lab.CreateAndStart(spec);
    lab.Wait(absl::Seconds(10));
  }
  const v1::Rollout& Row() const { return lab.Rollout(kId); }
  const v1::Wave& Wave() const { return Row().waves(0); }
  const v1::WaveGuard& Guard() const { return Wave().guard(); }

  // Both tasks are there.
  GuardStatus Asked() const {
    GuardStatus status;
    status.canary_task = "ca";
    status.control_task = "c0";
    status.until = lab.now() + absl::Hours(30);
    return status;
  }
  // Of 110 devices in each arm, so many bad.
  GuardLook Look(std::int64_t bad_canaries, std::int64_t bad_controls) const {
    return {lab.now(), Sum(110, bad_canaries), Sum(110, bad_controls)};
  }
  // Asks for as little as 120 devices find, where a rise can be neither found nor excluded.
  static v1::RolloutSpec Sharper() {
    v1::RolloutSpec spec = Guarded();
    spec.mutable_strategy()->mutable_guards(0)->set_max_bad_increase(0.26);
    return spec;
  }
  GuardLook Between(std::int64_t bad_canaries = 20) const {
    return {lab.now(), Sum(kCanaries, bad_canaries), Sum(kCanaries, 3)};
  }
  void TickAfter(Duration duration) { lab.Take(lab.book().Tick(lab.now() + duration)); }
  static GuardSum Sum(std::uint64_t reports, std::int64_t bad) {
    return {reports, {0, static_cast<std::int64_t>(reports) - bad, bad, 0, 0}};
  }
  void Tell(const GuardStatus& status) {
    lab.Take(lab.book().OnGuardStatus(kId, 0, status, lab.now()));
  }
  void TellLook(const GuardLook& look) {
    GuardStatus status = Asked();
    status.looks = {look};
    Tell(status);
  }
  std::string Explained() {
    std::string text;
    for (const std::string& line : lab.book().ExplainRollout(kId)) {
      text += line + "\n";
    }
    return text;
  }

  RolloutLab lab;
};

class SmallFleetGuardTest : public WaveGuardTest {
 protected:
  SmallFleetGuardTest() : WaveGuardTest(12) {}
};

TEST_F(SmallFleetGuardTest, SaysSmokeOnlyBeforehandAndCompletesWithoutAskingAnything) {
  auto created = lab.book().Create(Guarded(3), "alice", EmptyMatch::kRefuse, lab.now());
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_FORECAST);
  EXPECT_THAT(Guard().why(), HasSubstr("smoke only: an arm of 3 devices"));
  ASSERT_TRUE(lab.Act(kId, v1::ROLLOUT_ACTION_START).ok());
  lab.Settle();
  for (int i = 0; i < 30; ++i) {
    lab.Wait(absl::Seconds(1));
    EXPECT_TRUE(lab.book().OpenGuards().empty());
  }
  EXPECT_EQ(Row().state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_SMOKE_ONLY);
  EXPECT_THAT(Explained(), HasSubstr("nothing is asked of any device"));
}

TEST_F(WaveGuardTest, AWaveWaitsForItsVerdictAndPassesWithIt) {
  RunToTheGate();
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_ASKING);
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_SOAKING);
  const auto orders = lab.book().OpenGuards();
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].release.version(), "2.0.0");
  EXPECT_EQ(orders[0].baseline.version(), "1.0.0");
  EXPECT_GE(orders[0].canary_devices, 100U);
  EXPECT_EQ(orders[0].canary_devices, orders[0].control_devices);
  Tell(Asked());
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_COLLECTING);
  TickAfter(absl::Hours(29));
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_SOAKING);
  EXPECT_THAT(Row().why(), HasSubstr("waits for its private gate"));
  TellLook(Look(3, 3));
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_PASSED) << Guard().why();
  EXPECT_THAT(Explained(), HasSubstr("PASS after look 1 of 2"));
  lab.Settle();
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_PASSED);
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(Row().state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(Row().waves(1).guard().stage(), v1::GUARD_STAGE_SMOKE_ONLY) << "nobody is left";
}

TEST_F(WaveGuardTest, AFailPausesWithTheEvidenceAndAPersonMayGoOn) {
  RunToTheGate();
  TellLook(Look(90, 3));
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_FAILED) << Guard().why();
  EXPECT_EQ(Row().state(), v1::ROLLOUT_STATE_PAUSED);
  EXPECT_EQ(Row().pause_reason(), v1::PAUSE_REASON_GATE);
  EXPECT_THAT(Row().why(), HasSubstr("81.8 % bad verdicts against 2.7 %"));
  EXPECT_NEAR(Guard().increase(), 0.79, 0.01);
  EXPECT_GT(Guard().interval_95(), 0);
  TickAfter(absl::Hours(48));
  EXPECT_EQ(Row().state(), v1::ROLLOUT_STATE_PAUSED);
  ASSERT_TRUE(lab.Act(kId, v1::ROLLOUT_ACTION_RESUME).ok());
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(Row().state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST_F(WaveGuardTest, AFailThatComesWhileAPersonPausesIsNotLost) {
  RunToTheGate();
  ASSERT_TRUE(lab.Act(kId, v1::ROLLOUT_ACTION_PAUSE).ok());
  TellLook(Look(90, 3));
  EXPECT_EQ(Row().pause_reason(), v1::PAUSE_REASON_OPERATOR);
  ASSERT_TRUE(lab.Act(kId, v1::ROLLOUT_ACTION_RESUME).ok());
  EXPECT_EQ(Row().state(), v1::ROLLOUT_STATE_PAUSED);
  EXPECT_EQ(Row().pause_reason(), v1::PAUSE_REASON_GATE);
}

TEST_F(WaveGuardTest, SilentCanariesPauseTheRollout) {
  RunToTheGate();
  GuardLook look = Look(3, 3);
  look.canary = Sum(60, 1);
  TellLook(look);
  EXPECT_EQ(Guard().reason(), v1::GUARD_REASON_CANARY_SILENT);
  EXPECT_EQ(Row().state(), v1::ROLLOUT_STATE_PAUSED);
  EXPECT_EQ(Row().pause_reason(), v1::PAUSE_REASON_SILENT_DEVICES);
}

TEST_F(WaveGuardTest, OtherHoldsInformAndTheWavesJudgeDecides) {
  RunToTheGate();
  GuardLook look = Look(3, 3);
  look.control = Sum(60, 1);
  TellLook(look);
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_HELD);
  EXPECT_EQ(Guard().reason(), v1::GUARD_REASON_CONTROL_SILENT);
  EXPECT_THAT(Guard().why(), HasSubstr("the wave's own judge decides"));
  lab.Settle();
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_PASSED);
}

TEST_F(WaveGuardTest, BetweenExcludedAndFoundItLooksAgain) {
  RunToTheGate(Sharper());
  TellLook(Between());
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_COLLECTING) << Guard().why();
  EXPECT_EQ(Guard().reason(), v1::GUARD_REASON_LOOK_AGAIN);
  EXPECT_EQ(Guard().looks_taken(), 1U);
  lab.Wait(absl::Seconds(10));
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_SOAKING);
  GuardStatus status = Asked();
  status.looks = {Between(), Between(3)};
  status.rest = GuardStatus::Rest::kNoMoreLooks;
  Tell(status);
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_PASSED) << Guard().why();
  EXPECT_EQ(Guard().looks_taken(), 2U);
}

TEST_F(WaveGuardTest, ALookThatIsLostLeavesItUndecided) {
  RunToTheGate(Sharper());
  GuardStatus status = Asked();
  status.looks = {Between()};
  status.rest = GuardStatus::Rest::kNoMoreLooks;
  status.trouble = "the canary arm: fewer than 100 distinct devices reported";
  Tell(status);
  EXPECT_EQ(Guard().reason(), v1::GUARD_REASON_UNDECIDED) << Guard().why();
  lab.Settle();
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_PASSED);
}

TEST_F(WaveGuardTest, WithoutAnybodyWhoAsksItHoldsAndTheWaveGoesOn) {
  RunToTheGate();
  GuardStatus away;
  away.trouble = "the helper does not answer: connection refused";
  Tell(away);
  EXPECT_THAT(Guard().why(), HasSubstr("connection refused"));
  TickAfter(absl::Minutes(59));
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_SOAKING);
  TickAfter(absl::Minutes(61));
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_HELD);
  EXPECT_EQ(Guard().reason(), v1::GUARD_REASON_NOT_ASKED);
  EXPECT_THAT(Guard().why(), HasSubstr("connection refused"));
  lab.Settle();
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_PASSED);
}

TEST_F(WaveGuardTest, ARefusalHoldsAtOnce) {
  RunToTheGate();
  GuardStatus refused;
  refused.rest = GuardStatus::Rest::kRefused;
  refused.trouble = "this fleet has no helper";
  Tell(refused);
  EXPECT_EQ(Guard().reason(), v1::GUARD_REASON_NOT_ASKED);
  lab.Settle();
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_PASSED);
}

TEST_F(WaveGuardTest, WindowsThatNobodyCollectsEndTheWaiting) {
  RunToTheGate();
  Tell(Asked());
  TickAfter(absl::Hours(31));
  EXPECT_EQ(Guard().reason(), v1::GUARD_REASON_NOT_COLLECTED);
  lab.Settle();
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_PASSED);
}

TEST_F(WaveGuardTest, AShadowIsNeitherWaitedForNorDoesItPause) {
  v1::RolloutSpec spec = Guarded();
  spec.mutable_strategy()->mutable_guards(0)->set_shadow(true);
  *spec.mutable_strategy()->mutable_waves(1)->mutable_soak() = ToWire(absl::Hours(1));
  RunToTheGate(spec);
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_PASSED);
  EXPECT_EQ(lab.book().OpenGuards().size(), 1U);
  TellLook(Look(90, 3));
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_FAILED) << Guard().why();
  EXPECT_EQ(Row().state(), v1::ROLLOUT_STATE_RUNNING);
  EXPECT_THAT(Explained(), HasSubstr("(informs only): FAIL after look 1 of 2"));
}

TEST_F(WaveGuardTest, APromotionGoesOnWithoutAVerdict) {
  RunToTheGate();
  ASSERT_TRUE(lab.Act(kId, v1::ROLLOUT_ACTION_PROMOTE).ok());
  EXPECT_EQ(Guard().reason(), v1::GUARD_REASON_WAIVED);
  EXPECT_THAT(Guard().why(), HasSubstr("promoted by alice"));
  EXPECT_EQ(Wave().state(), v1::WAVE_STATE_PASSED);
}

TEST_F(WaveGuardTest, AnAbortEndsIt) {
  RunToTheGate();
  ASSERT_TRUE(lab.Act(kId, v1::ROLLOUT_ACTION_ABORT).ok());
  EXPECT_TRUE(lab.book().OpenGuards().empty());
  lab.Wait(absl::Seconds(2));
  EXPECT_EQ(Guard().stage(), v1::GUARD_STAGE_HELD);
}

TEST_F(WaveGuardTest, ABookLoadedAgainGoesOnWhereItStood) {
  RunToTheGate();
  Tell(Asked());
  const std::string before = Row().SerializeAsString();
  lab.Reload();
  EXPECT_EQ(Row().SerializeAsString(), before);
  EXPECT_EQ(lab.book().OpenGuards().size(), 1U);
  TellLook(Look(90, 3));
  EXPECT_EQ(Row().pause_reason(), v1::PAUSE_REASON_GATE);
}

TEST_F(WaveGuardTest, TellingTheSameTwiceChangesNothing) {
  RunToTheGate();
  Tell(Asked());
  EXPECT_TRUE(lab.book().OnGuardStatus(kId, 0, Asked(), lab.now()).empty());
  EXPECT_TRUE(lab.book().OnGuardStatus("nobody", 7, Asked(), lab.now()).empty());
}

struct Arms {
  std::set<std::string> canary;
  std::set<std::string> control;
};

Arms ArmsOf(RolloutLab& lab) {
  Arms arms;
  for (const auto& [id, device] : lab.fleet().devices) {
    const std::set<std::string> tasks = lab.book().GuardTasksOf(id, {"ca", "c0"});
    EXPECT_LE(tasks.size(), 1U);
    if (tasks.contains("ca")) arms.canary.insert(id);
    if (tasks.contains("c0")) arms.control.insert(id);
  }
  return arms;
}

TEST_F(WaveGuardTest, DrawsItsArmsAmongTheDevicesOfTheWaveAndThoseThatNoWaveHas) {
  RunToTheGate();
  Tell(Asked());
  const Arms arms = ArmsOf(lab);
  EXPECT_EQ(arms.canary.size(), Guard().canary_devices());
  EXPECT_EQ(arms.control.size(), Guard().control_devices());
  for (const std::string& id : arms.canary) {
    EXPECT_EQ(lab.StateOf(kId, id), v1::DEPLOYMENT_STATE_SUCCEEDED);
  }
  for (const std::string& id : arms.control) {
    EXPECT_EQ(lab.StateOf(kId, id), v1::DEPLOYMENT_STATE_UNSPECIFIED);
  }
  EXPECT_TRUE(lab.book().GuardTasksOf(*arms.canary.begin(), {}).empty()) << "not offered any more";
}

TEST_F(WaveGuardTest, ADeviceThatGaveTheReleaseUpIsStillAsked) {
  RunToTheGate();
  Tell(Asked());
  const std::string device = *ArmsOf(lab).canary.begin();
  lab.GoBad(device);
  EXPECT_EQ(lab.StateOf(kId, device), v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM);
  EXPECT_TRUE(lab.book().GuardTasksOf(device, {"ca", "c0"}).contains("ca"));
}

TEST_F(WaveGuardTest, DrawsAnewForEachRolloutAndTheSameOnEveryMachine) {
  RunToTheGate();
  Tell(Asked());
  const Arms first = ArmsOf(lab);
  lab.Reload();
  EXPECT_EQ(ArmsOf(lab).control, first.control);
  ASSERT_TRUE(lab.Act(kId, v1::ROLLOUT_ACTION_ABORT).ok());
  lab.Wait(absl::Minutes(1));
  v1::RolloutSpec again = Guarded();
  again.set_name("v2-again");
  lab.CreateAndStart(again);
  lab.Wait(absl::Seconds(10));
  GuardStatus status = Asked();
  status.canary_task = "ca2";
  status.control_task = "c02";
  lab.Take(lab.book().OnGuardStatus("v2-again", 0, status, lab.now()));
  std::set<std::string> second;
  for (const auto& [id, device] : lab.fleet().devices) {
    if (lab.book().GuardTasksOf(id, {"c02"}).contains("c02")) second.insert(id);
  }
  EXPECT_GE(second.size(), 100U);
  EXPECT_NE(second, first.control);
}

TEST(GuardSpec, NamesTheFieldThatIsWrong) {
  v1::RolloutSpec good = RolloutLab::Spec("r", "1", {1});
  v1::HealthGuard& guard = *good.mutable_strategy()->add_guards();
  EXPECT_TRUE(CheckSpec(good).ok());
  const auto refused = [&](const std::string& field) {
    const Status status = CheckSpec(good);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(status), HasSubstr(field));
    guard.Clear();
  };
  guard.set_metric("ttft_p95_ms");
  refused("guards[0].metric");
  guard.set_max_bad_increase(0.95);
  refused("guards[0].max_bad_increase");
  guard.set_looks(3);
  refused("guards[0].looks");
  guard.mutable_demo_window()->set_seconds(7);
  refused("guards[0].demo_window");
  guard.mutable_demo_window()->set_seconds(65);
  refused("guards[0].demo_window");
  good.mutable_strategy()->add_guards();
  refused("guards: at most one");
}

}  // namespace
}  // namespace flotilla::rollout
