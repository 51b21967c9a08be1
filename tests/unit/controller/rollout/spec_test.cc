#include <gtest/gtest.h>

#include "controller/rollout/rollout_spec.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

TEST(RolloutSpec, DefaultsToOneFiveFifteenAndTheRestWithAPersonAfterTheCanary) {
  v1::RolloutSpec spec;
  const auto waves = WavesOf(spec);
  ASSERT_EQ(waves.size(), 4U);
  EXPECT_EQ(waves[0].count(), 1U);
  EXPECT_EQ(waves[1].count(), 5U);
  EXPECT_EQ(waves[2].count(), 15U);
  EXPECT_EQ(waves[3].percent(), 100);
  EXPECT_NE(waves[0].gate(), v1::GATE_MANUAL);
  EXPECT_EQ(waves[1].gate(), v1::GATE_MANUAL);
}

TEST(RolloutSpec, FirstWaveHasTwentyFiveInFlightAtMostUnlessItSaysMore) {
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1", {1000});
  EXPECT_EQ(InFlightCap(spec, spec.strategy().waves(0), 0), 25U);
  EXPECT_EQ(InFlightCap(spec, spec.strategy().waves(1), 1), 200U);
  spec.mutable_strategy()->mutable_waves(0)->set_max_in_flight(40);
  EXPECT_EQ(InFlightCap(spec, spec.strategy().waves(0), 0), 40U);
  spec.mutable_delivery()->set_max_in_flight(7);
  EXPECT_EQ(InFlightCap(spec, spec.strategy().waves(0), 0), 7U);
}

void ExpectRefused(const v1::RolloutSpec& spec, const std::string& field) {
  const Status status = CheckSpec(spec);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(MessageOf(status).find(field), std::string::npos) << status;
}

TEST(RolloutSpec, NamesTheFieldThatIsWrong) {
  const v1::RolloutSpec good = RolloutLab::Spec("r", "1", {1});
  EXPECT_TRUE(CheckSpec(good).ok());
  v1::RolloutSpec spec = good;
  spec.set_name("../x");
  ExpectRefused(spec, "name");
  spec = good;
  spec.set_selector("a=");
  ExpectRefused(spec, "selector");
  spec = good;
  spec.mutable_strategy()->mutable_waves(0)->set_percent(3);
  ExpectRefused(spec, "waves[0]");
  spec = good;
  spec.mutable_strategy()->mutable_waves(1)->set_percent(50);
  ExpectRefused(spec, "last");
  spec = good;
  spec.mutable_strategy()->mutable_waves(1)->set_name("w1");
  ExpectRefused(spec, "waves[1].name");
  spec = good;
  spec.mutable_strategy()->mutable_judge()->set_p0(0.2);
  ExpectRefused(spec, "judge");
}

}  // namespace
}  // namespace flotilla::rollout
