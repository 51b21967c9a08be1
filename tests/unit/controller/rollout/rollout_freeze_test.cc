#include <string>

#include <gtest/gtest.h>

#include "controller/rollout/wire_time.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

v1::Freeze MakeFreeze(const RolloutLab& lab, const std::string& name, Duration from, Duration until,
                      const std::string& selector = "") {
  v1::Freeze freeze;
  freeze.set_name(name);
  *freeze.mutable_from() = ToWire(lab.now() + from);
  *freeze.mutable_until() = ToWire(lab.now() + until);
  freeze.set_selector(selector);
  freeze.set_reason("nobody is there");
  return freeze;
}

Status Freeze(RolloutLab& lab, const v1::Freeze& freeze) {
  return lab.TakeOf(lab.book().CreateFreeze(freeze, "bob", lab.now()));
}

bool SaysOf(const std::vector<std::string>& lines, const std::string& what) {
  for (const std::string& line : lines) {
    if (line.find(what) != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST(RolloutFreeze, HoldsARolloutAndDeletingItLetsItEnd) {
  RolloutLab lab(6);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {2}));
  ASSERT_TRUE(Freeze(lab, MakeFreeze(lab, "f", absl::ZeroDuration(), absl::Hours(9))).ok());
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_FREEZE);
  EXPECT_EQ(lab.Rollout("r").frozen_by(), "f");
  lab.Wait(absl::Minutes(2));
  EXPECT_EQ(lab.RunsCount(), " x4, 1.0.0 x2");
  lab.Reload();
  lab.Wait(absl::Minutes(2));
  EXPECT_EQ(lab.RunsCount(), " x4, 1.0.0 x2");
  EXPECT_TRUE(SaysOf(lab.book().ExplainRollout("r"), "freeze f until 2027-01-15T17:00:00Z"));
  const Status resumed = lab.Act("r", v1::ROLLOUT_ACTION_RESUME);
  EXPECT_EQ(resumed.code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(lab.TakeOf(lab.book().DeleteFreeze("f", lab.now())).ok());
  lab.Wait(absl::Minutes(1));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutFreeze, BeginsAndEndsByItself) {
  RolloutLab lab(6);
  lab.Publish("1.0.0", Conduct::kGood);
  ASSERT_TRUE(Freeze(lab, MakeFreeze(lab, "f", absl::Minutes(1), absl::Minutes(3))).ok());
  EXPECT_FALSE(lab.book().policies().FindFreeze("f")->in_force());
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {2});
  *spec.mutable_strategy()->mutable_waves(0)->mutable_soak() = ToWire(absl::Seconds(90));
  lab.CreateAndStart(spec);
  lab.Wait(absl::Seconds(62));
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_FREEZE);
  lab.Wait(absl::Seconds(115));
  EXPECT_EQ(lab.RunsCount(), " x4, 1.0.0 x2");
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_FALSE(lab.book().policies().FindFreeze("f")->in_force());
}

TEST(RolloutFreeze, ARolloutThatIsStartedInAFreezeWaits) {
  RolloutLab lab(2);
  lab.Publish("1.0.0", Conduct::kGood);
  ASSERT_TRUE(Freeze(lab, MakeFreeze(lab, "f", absl::ZeroDuration(), absl::Minutes(3))).ok());
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {}));
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_FREEZE);
  EXPECT_EQ(lab.Rollout("r").waves(0).members(), 0U);
  lab.Wait(absl::Minutes(4));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutFreeze, OfSomeDevicesLetsTheOthersGoOn) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.SetLabel("dev-01", "site", "vienna");
  ASSERT_TRUE(
      Freeze(lab, MakeFreeze(lab, "f", absl::ZeroDuration(), absl::Hours(90), "site=vienna")).ok());
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {}));
  lab.Wait(absl::Minutes(1));
  EXPECT_EQ(lab.RunsCount(), " x1, 1.0.0 x3");
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_RUNNING);
  EXPECT_TRUE(SaysOf(lab.book().ExplainDevice("dev-01"), "Freeze f by bob"));
  EXPECT_FALSE(SaysOf(lab.book().ExplainDevice("dev-02"), "Freeze f"));
  EXPECT_TRUE(SaysOf(lab.book().ExplainRollout("r"), "1 open devices wait. Freeze f"));
  // The wave's deadline of 72 h passes meanwhile.
  for (int hour = 0; hour < 89; ++hour) {
    lab.Take(lab.book().Tick(lab.now() + absl::Hours(hour)));
  }
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_RUNNING);
  ASSERT_TRUE(lab.TakeOf(lab.book().DeleteFreeze("f", lab.now())).ok());
  lab.Wait(absl::Minutes(1));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutFreeze, HoldsADeviceOnItsWayBeforeStaging) {
  RolloutLab lab(2);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.SetLabel("dev-01", "site", "vienna");
  auto created = lab.book().Create(RolloutLab::Spec("r", "1.0.0", {}), "alice", EmptyMatch::kRefuse,
                                   lab.now());
  lab.Take(created.value());
  ASSERT_TRUE(lab.Act("r", v1::ROLLOUT_ACTION_START).ok());
  const v1::Freeze freeze =
      MakeFreeze(lab, "f", absl::ZeroDuration(), absl::Hours(1), "site=vienna");
  const auto moved = lab.book().CreateFreeze(freeze, "bob", lab.now());
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ(lab.book().Desired("dev-01").assignments(0).hold(), v1::HOLD_MODE_DRAIN);
  EXPECT_EQ(lab.book().Desired("dev-02").assignments(0).hold(), v1::HOLD_MODE_UNSPECIFIED);
  // Told to both: what they should run may have changed.
  EXPECT_EQ(moved->touched_devices.size(), 2U);
}

TEST(RolloutFreeze, DoesNotHoldWhatIsTakenBack) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.Publish("2.0.0", Conduct::kGood);
  lab.CreateAndStart(RolloutLab::Spec("r1", "1.0.0", {}));
  lab.Wait(absl::Seconds(20));
  v1::RolloutSpec spec = RolloutLab::Spec("r2", "2.0.0", {2}, absl::Hours(1));
  lab.CreateAndStart(spec);
  ASSERT_EQ(lab.RunsCount(), "1.0.0 x2, 2.0.0 x2");
  ASSERT_TRUE(Freeze(lab, MakeFreeze(lab, "f", absl::ZeroDuration(), absl::Hours(9))).ok());
  ASSERT_TRUE(lab.Act("r2", v1::ROLLOUT_ACTION_ABORT).ok());
  lab.Settle();
  EXPECT_EQ(lab.RunsCount(), "1.0.0 x4");
}

TEST(RolloutFreeze, RefusesWhatIsNone) {
  RolloutLab lab(1);
  const auto code = [&](const v1::Freeze& freeze) { return Freeze(lab, freeze).code(); };
  const v1::Freeze good = MakeFreeze(lab, "f", absl::ZeroDuration(), absl::Hours(1));
  EXPECT_EQ(code(MakeFreeze(lab, "no name", absl::ZeroDuration(), absl::Hours(1))),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code(MakeFreeze(lab, "f", absl::Hours(2), absl::Hours(1))),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code(MakeFreeze(lab, "f", -absl::Hours(2), -absl::Hours(1))),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code(MakeFreeze(lab, "f", absl::ZeroDuration(), absl::Hours(1), "a b c")),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code(good), StatusCode::kOk);
  EXPECT_EQ(code(good), StatusCode::kAlreadyExists);
  EXPECT_TRUE(lab.TakeOf(lab.book().DeleteFreeze("f", lab.now())).ok());
  EXPECT_EQ(lab.TakeOf(lab.book().DeleteFreeze("f", lab.now())).code(), StatusCode::kNotFound);
  lab.Reload();
  EXPECT_EQ(code(good), StatusCode::kAlreadyExists);  // a name is never used again
}

}  // namespace
}  // namespace flotilla::rollout
