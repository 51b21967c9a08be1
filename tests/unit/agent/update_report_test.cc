#include "agent/update/update_report.h"

#include <gtest/gtest.h>

#include "ota/update_runner.h"

namespace flotilla::agent {
namespace {

TEST(UpdateReport, NamesTheRoleOfATrustFailure) {
  EXPECT_EQ(FailedRole(WithReason(PermissionDenied("refresh_metadata: timestamp: expired at noon"),
                                  v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP)),
            "timestamp");
  EXPECT_EQ(FailedRole(WithReason(PermissionDenied("models-pump: 0 of 1 signatures"),
                                  v1::FAILURE_REASON_TRUST_THRESHOLD)),
            "models-pump");
}

TEST(UpdateReport, NamesNoRoleForOtherFailures) {
  EXPECT_EQ(
      FailedRole(WithReason(Unavailable("timestamp: refused"), v1::FAILURE_REASON_FETCH_CONNECT)),
      "");
  EXPECT_EQ(FailedRole(WithReason(PermissionDenied("models-pump/1.release.json: not listed"),
                                  v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND)),
            "");
}

TEST(UpdateReport, CarriesTheAssignmentAndTheReason) {
  v1::Assignment assignment;
  assignment.mutable_release()->set_version("2");
  assignment.set_rollout_id("r1");
  assignment.set_wave(3);
  v1::UpdateReport report = MakeReport(assignment, v1::DEPLOYMENT_STATE_REJECTED_SIGNATURE,
                                       absl::FromUnixSeconds(1'800'000'000));
  AddFailure(WithReason(PermissionDenied("targets: 0 of 2 signatures"),
                        v1::FAILURE_REASON_TRUST_THRESHOLD),
             report);
  EXPECT_EQ(report.rollout_id(), "r1");
  EXPECT_EQ(report.wave(), 3U);
  EXPECT_EQ(report.reason(), v1::FAILURE_REASON_TRUST_THRESHOLD);
  EXPECT_EQ(report.role(), "targets");
  EXPECT_EQ(report.occurred_at().seconds(), 1'800'000'000);
}

struct Mapping {
  StatusCode code;
  v1::FailureReason reason;
  v1::DeploymentState state;
};

class FailureMapping : public testing::TestWithParam<Mapping> {};

TEST_P(FailureMapping, GivesTheWireCode) {
  const Status status = WithReason(Status(GetParam().code, "text"), GetParam().reason);
  EXPECT_EQ(ota::FailureState(status), GetParam().state);
}

INSTANTIATE_TEST_SUITE_P(
    Families, FailureMapping,
    testing::Values(
        Mapping{StatusCode::kPermissionDenied, v1::FAILURE_REASON_TRUST_THRESHOLD,
                v1::DEPLOYMENT_STATE_REJECTED_SIGNATURE},
        Mapping{StatusCode::kPermissionDenied, v1::FAILURE_REASON_TRUST_ROLLBACK_SNAPSHOT,
                v1::DEPLOYMENT_STATE_REJECTED_ROLLBACK_ATTACK},
        Mapping{StatusCode::kPermissionDenied, v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP,
                v1::DEPLOYMENT_STATE_REJECTED_EXPIRED_METADATA},
        Mapping{StatusCode::kFailedPrecondition, v1::FAILURE_REASON_POLICY_RELEASE_FLOOR,
                v1::DEPLOYMENT_STATE_REJECTED_FLOOR},
        Mapping{StatusCode::kFailedPrecondition, v1::FAILURE_REASON_POLICY_HARDWARE,
                v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE},
        Mapping{StatusCode::kFailedPrecondition, v1::FAILURE_REASON_POLICY_RAM,
                v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE},
        Mapping{StatusCode::kUnavailable, v1::FAILURE_REASON_FETCH_CONNECT,
                v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE},
        Mapping{StatusCode::kResourceExhausted, v1::FAILURE_REASON_STORAGE_NO_SPACE,
                v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE},
        Mapping{StatusCode::kFailedPrecondition, v1::FAILURE_REASON_INSTALL_SMOKE_FAILED,
                v1::DEPLOYMENT_STATE_FAILED_REVERTED}));

}  // namespace
}  // namespace flotilla::agent
