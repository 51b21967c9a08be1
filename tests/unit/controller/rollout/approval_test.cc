#include "controller/rollout/approval.h"

#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

v1::Approval ApprovalBy(char key) {
  v1::Approval approval;
  approval.set_key_id(std::string(32, key));
  approval.set_signature(std::string("signature ") + key);
  return approval;
}

// A rollout "r" by alice of a good release.
class Approvals : public ::testing::Test {
 protected:
  void Create(std::uint32_t needed) {
    lab_.Publish("1.0.0", Conduct::kSticksInTrial);
    v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {1});
    spec.set_approvals_needed(needed);
    lab_.Take(*lab_.book().Create(spec, "alice", EmptyMatch::kRefuse, lab_.now()));
  }
  Status Approve(const std::string& by, char key) {
    const auto change = lab_.book().Approve("r", ApprovalBy(key), by, lab_.now());
    if (change.ok()) {
      lab_.Take(*change);
    }
    return change.status();
  }
  v1::RolloutState State() { return lab_.Rollout("r").state(); }

  RolloutLab lab_{4};
};

TEST_F(Approvals, HoldTheStartUntilAllAreThere) {
  Create(2);
  EXPECT_EQ(State(), v1::ROLLOUT_STATE_AWAITING_APPROVAL);
  EXPECT_EQ(lab_.Act("r", v1::ROLLOUT_ACTION_START).code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Approve("bob", 'b').ok());
  EXPECT_EQ(State(), v1::ROLLOUT_STATE_AWAITING_APPROVAL);
  EXPECT_TRUE(Approve("carol", 'c').ok());
  EXPECT_EQ(State(), v1::ROLLOUT_STATE_SCHEDULED);
  EXPECT_TRUE(lab_.Act("r", v1::ROLLOUT_ACTION_START).ok());
  EXPECT_EQ(State(), v1::ROLLOUT_STATE_RUNNING);
}

TEST_F(Approvals, AreNotTheCreatorsToGive) {
  Create(1);
  const Status own = Approve("alice", 'a');
  EXPECT_EQ(own.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonNumber(own), v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
}

TEST_F(Approvals, CountOncePerPersonAndKey) {
  Create(2);
  EXPECT_TRUE(Approve("bob", 'b').ok());
  EXPECT_TRUE(Approve("bob", 'b').ok()) << "again is OK";
  EXPECT_EQ(Approve("bob", 'x').code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(Approve("carol", 'b').code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(lab_.Rollout("r").approvals_size(), 1);
}

TEST_F(Approvals, GoToTheDevicesWithTheRelease) {
  Create(1);
  ASSERT_TRUE(Approve("bob", 'b').ok());
  ASSERT_TRUE(lab_.Act("r", v1::ROLLOUT_ACTION_START).ok());
  const std::string device = lab_.Members("r", 0)[0];
  const v1::Assignment first = lab_.book().Desired(device).assignments(0);
  ASSERT_EQ(first.operator_signatures_size(), 1);
  EXPECT_EQ(first.operator_signatures(0), "signature b");
  EXPECT_EQ(first.operator_key_ids(0), std::string(32, 'b'));
  const auto late = lab_.book().Approve("r", ApprovalBy('c'), "carol", lab_.now());
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_FALSE(late->touched_devices.empty()) << "devices on their way get it too";
  EXPECT_EQ(lab_.book().Desired(device).assignments(0).operator_key_ids_size(), 2);
}

TEST_F(Approvals, MayBeRefused) {
  Create(1);
  ASSERT_TRUE(lab_.Act("r", v1::ROLLOUT_ACTION_DENY).ok());
  EXPECT_EQ(State(), v1::ROLLOUT_STATE_CANCELLED);
  EXPECT_EQ(Approve("bob", 'b').code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(lab_.Act("r", v1::ROLLOUT_ACTION_DENY).ok()) << "again is OK";
}

TEST_F(Approvals, AreLimitedInNumberAndSize) {
  Create(0);
  EXPECT_EQ(State(), v1::ROLLOUT_STATE_DRAFT) << "none is needed, devices may ask all the same";
  for (const char key : {'b', 'c', 'd', 'e'}) {
    EXPECT_TRUE(Approve(std::string(1, key), key).ok());
  }
  EXPECT_EQ(Approve("f", 'f').code(), StatusCode::kResourceExhausted);
  v1::Approval odd = ApprovalBy('g');
  odd.set_key_id("short");
  EXPECT_EQ(lab_.book().Approve("r", odd, "g", lab_.now()).status().code(),
            StatusCode::kInvalidArgument);
  odd = ApprovalBy('g');
  odd.set_signature(std::string(513, 's'));
  EXPECT_EQ(lab_.book().Approve("r", odd, "g", lab_.now()).status().code(),
            StatusCode::kInvalidArgument);
  v1::RolloutSpec spec = RolloutLab::Spec("r2", "1.0.0", {1});
  spec.set_approvals_needed(5);
  EXPECT_EQ(lab_.book().Create(spec, "alice", EmptyMatch::kRefuse, lab_.now()).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(Approvals, AreThereAfterARestart) {
  Create(2);
  ASSERT_TRUE(Approve("bob", 'b').ok());
  lab_.Reload();
  EXPECT_EQ(lab_.Rollout("r").approvals_size(), 1);
  EXPECT_TRUE(Approve("carol", 'c').ok());
  EXPECT_EQ(State(), v1::ROLLOUT_STATE_SCHEDULED);
}

}  // namespace
}  // namespace flotilla::rollout
