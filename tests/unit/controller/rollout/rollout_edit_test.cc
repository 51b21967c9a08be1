#include "controller/rollout/rollout_edit.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/rollout/wire_time.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

class RolloutEdit : public ::testing::Test {
 protected:
  RolloutEdit() : lab_(8) {
    lab_.Publish("1.0.0", Conduct::kSticksInTrial);
    v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {}, absl::Minutes(5));
    spec.mutable_delivery()->set_max_in_flight(2);
    lab_.CreateAndStart(spec);
  }
  Status Edit(const v1::RolloutSpec& spec, std::uint32_t revision = 0) {
    changes_.clear();
    return lab_.TakeOf(lab_.book().Edit("r", spec, revision, lab_.now(), changes_));
  }
  std::uint32_t InFlight() {
    std::uint32_t count = 0;
    for (const v1::RolloutDevice& row : lab_.book().Devices("r")) {
      count += row.state() == v1::DEPLOYMENT_STATE_TRIAL ? 1U : 0U;
    }
    return count;
  }
  RolloutLab lab_;
  std::vector<std::string> changes_;
};

TEST_F(RolloutEdit, RaisesTheCapAtOnceWithANewRevision) {
  ASSERT_EQ(InFlight(), 2U);
  v1::RolloutSpec spec = lab_.Rollout("r").spec();
  spec.mutable_delivery()->set_max_in_flight(5);
  ASSERT_TRUE(Edit(spec, 1).ok());
  EXPECT_EQ(InFlight(), 5U);
  EXPECT_EQ(lab_.Rollout("r").revision(), 2U);
  ASSERT_EQ(changes_.size(), 1U);
  EXPECT_EQ(changes_[0], "modified: delivery.max_in_flight: 2 -> 5");
}

TEST_F(RolloutEdit, OfNothingChangesNothing) {
  ASSERT_TRUE(Edit(lab_.Rollout("r").spec()).ok());
  EXPECT_TRUE(changes_.empty());
  EXPECT_EQ(lab_.Rollout("r").revision(), 1U);
}

TEST_F(RolloutEdit, OfAnOlderRevisionIsRefused) {
  v1::RolloutSpec spec = lab_.Rollout("r").spec();
  spec.mutable_delivery()->set_per_site(5);
  ASSERT_TRUE(Edit(spec, 1).ok());
  spec.mutable_delivery()->set_per_site(6);
  EXPECT_EQ(Edit(spec, 1).code(), StatusCode::kAborted);
}

TEST_F(RolloutEdit, RefusesEverythingElseByName) {
  const auto refused = [&](auto change) {
    v1::RolloutSpec spec = lab_.Rollout("r").spec();
    change(spec);
    const Status status = Edit(spec);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
    return MessageOf(status);
  };
  EXPECT_NE(refused([](auto& spec) { spec.set_selector("a=b"); }).find("selector"),
            std::string::npos);
  EXPECT_NE(refused([](auto& spec) { spec.set_version("2.0.0"); }).find("version"),
            std::string::npos);
  EXPECT_NE(refused([](auto& spec) {
              spec.mutable_strategy()->mutable_judge()->set_p1(0.2);
            }).find("strategy.judge.p1"),
            std::string::npos);
  EXPECT_NE(refused([](auto& spec) {
              spec.mutable_strategy()->mutable_waves(0)->set_percent(50);
            }).find("strategy.waves[0].percent"),
            std::string::npos);
  EXPECT_NE(refused([](auto& spec) {
              spec.mutable_strategy()->add_waves()->set_name("more");
            }).find("strategy.waves[1]"),
            std::string::npos);
  EXPECT_NE(refused([](auto& spec) {
              spec.mutable_delivery()->mutable_rate()->set_start("x");
            }).find("delivery.rate.start"),
            std::string::npos);
  EXPECT_EQ(lab_.Rollout("r").revision(), 1U);
}

TEST_F(RolloutEdit, MovesTheEndOfASoakThatRuns) {
  for (const v1::RolloutDevice& row : lab_.book().Devices("r")) {
    lab_.Report(row.device_id(), lab_.ReportOf("r", v1::DEPLOYMENT_STATE_SUCCEEDED));
  }
  while (InFlight() > 0) {
    for (const v1::RolloutDevice& row : lab_.book().Devices("r")) {
      lab_.Report(row.device_id(), lab_.ReportOf("r", v1::DEPLOYMENT_STATE_SUCCEEDED));
    }
    lab_.Settle();
  }
  ASSERT_EQ(lab_.Rollout("r").waves(0).state(), v1::WAVE_STATE_SOAKING);
  const Time end = FromWire(lab_.Rollout("r").waves(0).soak_ends_at());
  v1::RolloutSpec spec = lab_.Rollout("r").spec();
  *spec.mutable_strategy()->mutable_waves(0)->mutable_soak() = ToWire(absl::Minutes(8));
  ASSERT_TRUE(Edit(spec).ok());
  EXPECT_EQ(FromWire(lab_.Rollout("r").waves(0).soak_ends_at()), end + absl::Minutes(3));
}

TEST_F(RolloutEdit, OfARolloutThatHasEndedIsRefused) {
  ASSERT_TRUE(lab_.Act("r", v1::ROLLOUT_ACTION_ABORT).ok());
  EXPECT_EQ(Edit(lab_.Rollout("r").spec()).code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flotilla::rollout
