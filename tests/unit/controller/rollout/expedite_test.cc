#include <string>

#include <gtest/gtest.h>

#include "controller/rollout/approval.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/wire_time.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

v1::RolloutSpec Fix(const std::string& reason) {
  v1::RolloutSpec spec = RolloutLab::Spec("fix", "2.0.0", {1, 2}, absl::Hours(6));
  spec.mutable_strategy()->mutable_waves(1)->set_gate(v1::GATE_MANUAL);
  spec.mutable_delivery()->set_max_in_flight(4);
  spec.mutable_expedite()->set_reason(reason);
  return spec;
}

v1::Approval ApprovalBy(const std::string& who) {
  v1::Approval approval;
  std::string key = who;
  key.resize(32, '.');
  approval.set_key_id(key);
  approval.set_signature("signed");
  return approval;
}

class Expedite : public ::testing::Test {
 protected:
  Expedite() : lab_(20) {
    lab_.Publish("1.0.0", Conduct::kGood);
    lab_.CreateAndStart(RolloutLab::Spec("r1", "1.0.0", {}));
    lab_.Wait(absl::Seconds(20));
  }
  void CreateApproveStart() {
    const auto created =
        lab_.book().Create(Fix("it doses wrong"), "alice", EmptyMatch::kRefuse, lab_.now());
    ASSERT_TRUE(created.ok()) << created.status();
    lab_.Take(*created);
    const auto approved = lab_.book().Approve("fix", ApprovalBy("bob"), "bob", lab_.now());
    ASSERT_TRUE(approved.ok()) << approved.status();
    lab_.Take(*approved);
    ASSERT_TRUE(lab_.Act("fix", v1::ROLLOUT_ACTION_START).ok());
    lab_.Settle();
  }

  RolloutLab lab_;
};

TEST_F(Expedite, NeedsASecondPerson) {
  lab_.Publish("2.0.0", Conduct::kGood);
  const auto created =
      lab_.book().Create(Fix("it doses wrong"), "alice", EmptyMatch::kRefuse, lab_.now());
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(lab_.Rollout("fix").state(), v1::ROLLOUT_STATE_AWAITING_APPROVAL);
  EXPECT_EQ(lab_.Act("fix", v1::ROLLOUT_ACTION_START).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(lab_.book().Approve("fix", ApprovalBy("alice"), "alice", lab_.now()).status().code(),
            StatusCode::kPermissionDenied);
}

TEST_F(Expedite, PassesSoakAndGatesAndKeepsItsCap) {
  lab_.Publish("2.0.0", Conduct::kGood);
  CreateApproveStart();
  for (const v1::Wave& wave : lab_.Rollout("fix").waves()) {
    EXPECT_EQ(FromWire(wave.spec().soak()), absl::ZeroDuration());
    EXPECT_EQ(wave.spec().gate(), v1::GATE_AUTO);
  }
  EXPECT_EQ(InFlightCap(lab_.Rollout("fix").spec(), lab_.Rollout("fix").waves(1).spec(), 1), 4U);
  lab_.Wait(absl::Seconds(30));
  EXPECT_EQ(lab_.Rollout("fix").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST_F(Expedite, IsStillJudged) {
  lab_.Publish("2.0.0", Conduct::kFailsGolden);
  CreateApproveStart();
  lab_.Wait(absl::Seconds(30));
  EXPECT_EQ(lab_.Rollout("fix").state(), v1::ROLLOUT_STATE_ABORTED);
  EXPECT_EQ(lab_.RunsCount(), "1.0.0 x20");
}

TEST_F(Expedite, NeedsAReasonAndTakesNoPrivateGate) {
  EXPECT_EQ(CheckSpec(Fix("")).code(), StatusCode::kInvalidArgument);
  v1::RolloutSpec guarded = Fix("it doses wrong");
  guarded.mutable_strategy()->add_guards()->set_metric("gate_verdict");
  EXPECT_EQ(CheckSpec(guarded).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::rollout
