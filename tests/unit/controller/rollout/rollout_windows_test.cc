// A rollout in its windows. The lab's clock starts on Friday 2027-01-15 at 08:00 UTC, 09:00 in
// Vienna, 17:00 in Tokyo.
#include "controller/rollout/rollout_windows.h"

#include <string>

#include <gtest/gtest.h>

#include "controller/rollout/wave_schedule.h"
#include "controller/rollout/window_clock.h"
#include "controller/rollout/wire_time.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

void AddWindow(v1::RolloutSpec& spec, const std::string& rrule, Duration duration,
               const std::string& zone, v1::WindowApplies applies) {
  v1::Window& window = *spec.add_windows();
  window.set_rrule(rrule);
  *window.mutable_duration() = ToWire(duration);
  window.set_zone(zone);
  window.set_applies(applies);
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line + "\n";
  }
  return text;
}

bool Says(const std::vector<std::string>& lines, const std::string& what) {
  return Joined(lines).find(what) != std::string::npos;
}

v1::RolloutSpec MorningSpec(v1::WindowApplies applies) {
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {2});
  AddWindow(spec, "FREQ=DAILY;BYHOUR=8;BYMINUTE=10", absl::Minutes(5), "UTC", applies);
  return spec;
}

TEST(RolloutWindows, AWaveWaitsForItsWindowAndGoesOnByItself) {
  RolloutLab lab(6);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.CreateAndStart(MorningSpec(v1::WINDOW_APPLIES_ACCEPT));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_PAUSED);
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_OUT_OF_WINDOW);
  EXPECT_TRUE(Says(lab.book().ExplainRollout("r"), "2027-01-15T08:10:00Z"))
      << Joined(lab.book().ExplainRollout("r"));
  lab.Wait(absl::Minutes(9));
  EXPECT_EQ(lab.RunsCount(), " x6");
  lab.Reload();
  lab.Wait(absl::Minutes(3));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(lab.RunsCount(), "1.0.0 x6");
}

TEST(RolloutWindows, AWaveThatTheWindowClosesOverGoesOnInTheNext) {
  RolloutLab lab(6);
  lab.Publish("1.0.0", Conduct::kGood);
  v1::RolloutSpec spec = MorningSpec(v1::WINDOW_APPLIES_ACCEPT);
  *spec.mutable_strategy()->mutable_waves(0)->mutable_soak() = ToWire(absl::Minutes(6));
  lab.CreateAndStart(spec);
  lab.Wait(absl::Minutes(20));
  EXPECT_EQ(lab.RunsCount(), " x4, 1.0.0 x2");
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_OUT_OF_WINDOW);
  EXPECT_EQ(lab.Rollout("r").waves(0).state(), v1::WAVE_STATE_PASSED);  // it soaked meanwhile
  lab.Wait(absl::Hours(24), absl::Seconds(10));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutWindows, AClosedWindowCanNotBeResumedButByAnEdit) {
  RolloutLab lab(2);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.CreateAndStart(MorningSpec(v1::WINDOW_APPLIES_ACCEPT));
  const Status refused = lab.Act("r", v1::ROLLOUT_ACTION_RESUME);
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(refused).find("Fri 15 Jan 2027 08:10 in UTC"), std::string::npos) << refused;
  v1::RolloutSpec spec = lab.Rollout("r").spec();
  spec.clear_windows();
  std::vector<std::string> changes;
  EXPECT_TRUE(lab.TakeOf(lab.book().Edit("r", spec, 0, lab.now(), changes)).ok());
  lab.Wait(absl::Minutes(1));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutWindows, AnOperatorsPauseOutlastsTheOpening) {
  RolloutLab lab(2);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.CreateAndStart(MorningSpec(v1::WINDOW_APPLIES_ACCEPT));
  ASSERT_TRUE(lab.Act("r", v1::ROLLOUT_ACTION_PAUSE).ok());
  lab.Wait(absl::Minutes(12));
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_OPERATOR);
  EXPECT_EQ(lab.RunsCount(), " x2");
}

TEST(RolloutWindows, AGateThatWasOpenedStaysOpenUntilTheWindowOpens) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kGood);
  v1::RolloutSpec spec = MorningSpec(v1::WINDOW_APPLIES_ACCEPT);
  spec.mutable_strategy()->mutable_waves(0)->set_gate(v1::GATE_MANUAL);
  lab.CreateAndStart(spec);
  ASSERT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_GATE);
  ASSERT_TRUE(lab.Act("r", v1::ROLLOUT_ACTION_PROMOTE).ok());
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_OUT_OF_WINDOW);
  lab.Wait(absl::Minutes(12));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutWindows, ActivationWaitsWhileTheReleaseIsFetched) {
  RolloutLab lab(2);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.CreateAndStart(MorningSpec(v1::WINDOW_APPLIES_ACTIVATE));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_RUNNING);
  const v1::DesiredState desired = lab.book().Desired("dev-01");
  ASSERT_EQ(desired.assignments_size(), 1);
  EXPECT_EQ(desired.assignments(0).hold(), v1::HOLD_MODE_ACTIVATION);
  v1::UpdateReport waiting =
      lab.ReportOf("r", v1::DEPLOYMENT_STATE_WAITING, v1::FAILURE_REASON_POLICY_WINDOW_CLOSED);
  lab.Report("dev-01", waiting);
  EXPECT_EQ(lab.StateOf("r", "dev-01"), v1::DEPLOYMENT_STATE_WAITING);
  EXPECT_TRUE(Says(lab.book().ExplainDevice("dev-01"),
                   "its activate windows are closed; the next opening is Fri 15 Jan 2027 08:10"))
      << Joined(lab.book().ExplainDevice("dev-01"));
  lab.Wait(absl::Minutes(11));
  EXPECT_EQ(lab.book().Desired("dev-01").assignments(0).hold(), v1::HOLD_MODE_UNSPECIFIED);
  lab.Wait(absl::Minutes(2));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutWindows, AClosedDownloadWindowStopsWhatIsBeingFetched) {
  RolloutLab lab(2);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {1});
  AddWindow(spec, "FREQ=DAILY;BYHOUR=8", absl::Minutes(5), "UTC", v1::WINDOW_APPLIES_DOWNLOAD);
  auto created = lab.book().Create(spec, "alice", EmptyMatch::kRefuse, lab.now());
  lab.Take(created.value());
  ASSERT_TRUE(lab.Act("r", v1::ROLLOUT_ACTION_START).ok());
  const std::string device = lab.Members("r", 0).front();
  lab.Report(device, lab.ReportOf("r", v1::DEPLOYMENT_STATE_DOWNLOADING));
  EXPECT_EQ(lab.book().Desired(device).assignments(0).hold(), v1::HOLD_MODE_UNSPECIFIED);
  lab.Take(lab.book().Tick(lab.now() + absl::Minutes(5)));
  EXPECT_EQ(lab.book().Desired(device).assignments(0).hold(), v1::HOLD_MODE_DRAIN);
  // It holds a place, and its deadline does not run.
  lab.Take(lab.book().Tick(lab.now() + absl::Hours(23)));
  EXPECT_EQ(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_DOWNLOADING);
  lab.Take(lab.book().Tick(lab.now() + absl::Hours(24)));
  EXPECT_EQ(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_DOWNLOADING);
  EXPECT_EQ(lab.book().Desired(device).assignments(0).hold(), v1::HOLD_MODE_UNSPECIFIED);
}

TEST(RolloutWindows, DeviceLocalWindowsOpenZoneByZone) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.SetLabel("dev-01", "zone", "Asia/Tokyo");     // 17:00
  lab.SetLabel("dev-02", "zone", "Europe/Vienna");  // 09:00
  lab.SetLabel("dev-03", "zone", "Europe/Vienna");
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {});
  AddWindow(spec, "FREQ=DAILY;BYHOUR=9", absl::Hours(1), kDeviceLocal, v1::WINDOW_APPLIES_ACCEPT);
  lab.CreateAndStart(spec);
  lab.Wait(absl::Minutes(5));
  EXPECT_EQ(lab.RunsCount(), " x2, 1.0.0 x2");
  EXPECT_EQ(lab.Runs("dev-02"), "1.0.0");
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_RUNNING);
  EXPECT_TRUE(Says(lab.book().ExplainDevice("dev-01"), "Sat 16 Jan 2027 09:00 in Asia/Tokyo"))
      << Joined(lab.book().ExplainDevice("dev-01"));
  lab.Wait(absl::Hours(1));  // 09:05 UTC: dev-04 has no zone
  EXPECT_EQ(lab.RunsCount(), " x1, 1.0.0 x3");
  lab.Wait(absl::Hours(15));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(lab.RunsCount(), "1.0.0 x4");
}

TEST(RolloutWindows, ARolloutThatIsClosedInEveryZonePausesUntilTheFirstOpens) {
  RolloutLab lab(2);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.SetLabel("dev-01", "zone", "Asia/Tokyo");
  lab.SetLabel("dev-02", "zone", "Europe/Vienna");
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {});
  AddWindow(spec, "FREQ=DAILY;BYHOUR=18", absl::Hours(1), kDeviceLocal, v1::WINDOW_APPLIES_ACCEPT);
  lab.CreateAndStart(spec);
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_OUT_OF_WINDOW);
  EXPECT_NE(lab.Rollout("r").why().find("Fri 15 Jan 2027 18:00 in Asia/Tokyo"), std::string::npos)
      << lab.Rollout("r").why();
  lab.Wait(absl::Minutes(61));
  EXPECT_EQ(lab.Runs("dev-01"), "1.0.0");
  EXPECT_EQ(lab.Runs("dev-02"), "");
}

TEST(RolloutWindows, TimeOutOfWindowDoesNotCountAgainstTheWave) {
  RolloutLab lab(25);
  lab.Publish("1.0.0", Conduct::kGood);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {});
  AddWindow(spec, "FREQ=DAILY;BYHOUR=8", absl::Minutes(5), "UTC", v1::WINDOW_APPLIES_ACCEPT);
  spec.mutable_delivery()->mutable_rate()->set_start("2/m");
  *spec.mutable_deadlines()->mutable_wave() = ToWire(absl::Minutes(30));
  lab.CreateAndStart(spec);
  lab.Wait(absl::Hours(24 * 3), absl::Seconds(10));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED) << lab.Rollout("r").why();
}

TEST(RolloutWindows, TellsWhenEachWaveCanStartAtTheEarliest) {
  v1::Rollout rollout;
  v1::RolloutSpec& spec = *rollout.mutable_spec();
  spec = RolloutLab::Spec("r", "1.0.0", {1, 2}, absl::Hours(6));
  *spec.mutable_strategy()->mutable_trial_duration() = ToWire(absl::Hours(1));
  AddWindow(spec, "FREQ=DAILY;BYHOUR=1", absl::Hours(4), "Europe/Vienna",
            v1::WINDOW_APPLIES_ACCEPT);
  AddWindow(spec, "FREQ=DAILY;BYHOUR=3", absl::Hours(1), "Europe/Vienna",
            v1::WINDOW_APPLIES_ACTIVATE);
  for (const v1::WaveSpec& wave : spec.strategy().waves()) {
    *rollout.add_waves()->mutable_spec() = wave;
  }
  const auto starts = EarliestStarts(rollout, absl::FromUnixSeconds(1'800'000'000));
  ASSERT_EQ(starts.size(), 3U);
  EXPECT_EQ(UtcText(starts[0]), "2027-01-16T00:00:00Z");
  EXPECT_EQ(UtcText(starts[1]), "2027-01-17T00:00:00Z");  // active from 02:00, done at 09:00
  EXPECT_EQ(UtcText(starts[2]), "2027-01-18T00:00:00Z");
}

TEST(RolloutWindows, RefusesASpecificationWithAWindowThatIsNone) {
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {1});
  AddWindow(spec, "FREQ=DAILY", absl::Hours(1), "Europe/Wien", v1::WINDOW_APPLIES_ACCEPT);
  const Status checked = CheckWindows(spec);
  EXPECT_EQ(checked.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(MessageOf(checked).find("windows[0]"), std::string::npos) << checked;
}

}  // namespace
}  // namespace flotilla::rollout
