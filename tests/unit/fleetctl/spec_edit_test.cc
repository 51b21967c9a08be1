#include "fleetctl/rollout/spec_edit.h"

#include <string>

#include <gtest/gtest.h>

#include "base/time.h"
#include "controller/rollout/wire_time.h"
#include "fleetctl/rollout/rollout_text.h"
#include "fleetctl/rollout/spec_options.h"

namespace flotilla::fleetctl {
namespace {

// Two waves that the specification does not name: the defaults.
v1::Rollout MakeRollout() {
  v1::Rollout rollout;
  rollout.mutable_spec()->set_line("pump");
  rollout.mutable_spec()->mutable_delivery()->set_max_in_flight(200);
  for (const char* name : {"canary", "rest"}) {
    v1::WaveSpec& spec = *rollout.add_waves()->mutable_spec();
    spec.set_name(name);
    *spec.mutable_soak() = rollout::ToWire(absl::Hours(1));
  }
  return rollout;
}

TEST(SpecEdit, ChangesWhatItWasAskedForAndNothingElse) {
  SpecEdit edit;
  edit.max_in_flight = 50;
  edit.rate = "20/m";
  const auto spec = EditedSpec(MakeRollout(), edit);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->delivery().max_in_flight(), 50U);
  EXPECT_EQ(spec->delivery().rate().start(), "20/m");
  EXPECT_EQ(spec->line(), "pump");
  ASSERT_EQ(spec->strategy().waves_size(), 2);
  EXPECT_EQ(rollout::FromWire(spec->strategy().waves(1).soak()), absl::Hours(1));
}

TEST(SpecEdit, TakesOneWavesSoakAndCapOrEveryWavesSoak) {
  SpecEdit edit;
  edit.soak = "2h";
  edit.max_in_flight = 3;
  edit.wave = "canary";
  const auto one = EditedSpec(MakeRollout(), edit);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(rollout::FromWire(one->strategy().waves(0).soak()), absl::Hours(2));
  EXPECT_EQ(one->strategy().waves(0).max_in_flight(), 3U);
  EXPECT_EQ(rollout::FromWire(one->strategy().waves(1).soak()), absl::Hours(1));
  EXPECT_EQ(one->delivery().max_in_flight(), 200U);
  edit.wave.clear();
  const auto all = EditedSpec(MakeRollout(), edit);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(rollout::FromWire(all->strategy().waves(1).soak()), absl::Hours(2));
  EXPECT_EQ(all->delivery().max_in_flight(), 3U);
}

TEST(SpecEdit, ReplacesTheWindowsOrTakesThemAway) {
  v1::Rollout rollout = MakeRollout();
  rollout.mutable_spec()->add_windows()->set_rrule("FREQ=DAILY");
  SpecEdit edit;
  edit.windows = {"FREQ=DAILY;BYHOUR=1 4h device-local activate"};
  const auto replaced = EditedSpec(rollout, edit);
  ASSERT_TRUE(replaced.ok()) << replaced.status();
  ASSERT_EQ(replaced->windows_size(), 1);
  EXPECT_EQ(replaced->windows(0).zone(), "device-local");
  EXPECT_EQ(replaced->windows(0).applies(), v1::WINDOW_APPLIES_ACTIVATE);
  edit.windows.clear();
  edit.no_windows = true;
  EXPECT_EQ(EditedSpec(rollout, edit)->windows_size(), 0);
}

TEST(SpecEdit, RefusesAnEditOfNothingOfNoWaveAndOfBothWindowsAndNone) {
  EXPECT_FALSE(EditedSpec(MakeRollout(), {}).ok());
  SpecEdit edit;
  edit.soak = "1h";
  edit.wave = "broad";
  EXPECT_NE(MessageOf(EditedSpec(MakeRollout(), edit).status()).find("broad"), std::string::npos);
  edit.wave.clear();
  edit.soak = "soon";
  EXPECT_FALSE(EditedSpec(MakeRollout(), edit).ok());
  SpecEdit both;
  both.no_windows = true;
  both.windows = {"FREQ=DAILY 1h"};
  EXPECT_FALSE(EditedSpec(MakeRollout(), both).ok());
}

TEST(WindowOption, ReadsRuleDurationZoneAndWhatItAppliesTo) {
  const auto window = ReadWindow("FREQ=WEEKLY;BYDAY=SA  90m Europe/Vienna download");
  ASSERT_TRUE(window.ok()) << window.status();
  EXPECT_EQ(window->rrule(), "FREQ=WEEKLY;BYDAY=SA");
  EXPECT_EQ(rollout::FromWire(window->duration()), absl::Minutes(90));
  EXPECT_EQ(window->zone(), "Europe/Vienna");
  EXPECT_EQ(window->applies(), v1::WINDOW_APPLIES_DOWNLOAD);
  for (const char* text : {"", "FREQ=DAILY", "FREQ=DAILY soon", "FREQ=DAILY 1h UTC run",
                           "FREQ=DAILY 1h UTC accept more"}) {
    EXPECT_FALSE(ReadWindow(text).ok()) << text;
  }
}

TEST(RolloutText, TellsTheWindowsAndWhenEachWaveStartsAtTheEarliest) {
  v1::Rollout rollout = MakeRollout();
  EXPECT_EQ(WindowText(rollout, absl::UnixEpoch()), "");
  *rollout.mutable_spec()->add_windows() =
      ReadWindow("FREQ=DAILY;BYHOUR=1 4h Europe/Vienna").value();
  rollout.mutable_waves(1)->mutable_spec()->set_gate(v1::GATE_MANUAL);
  EXPECT_EQ(WindowText(rollout, absl::FromUnixSeconds(1'800'000'000)),
            "window FREQ=DAILY;BYHOUR=1 for 4h in Europe/Vienna: accept\n"
            "wave canary starts at the earliest 2027-01-16T00:00:00Z\n"
            "wave rest starts at the earliest 2027-01-16T01:00:00Z, and waits for a promotion\n");
}

}  // namespace
}  // namespace flotilla::fleetctl
