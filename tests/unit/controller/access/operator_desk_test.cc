#include "controller/access/operator_desk.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/access/refusal_audit.h"
#include "controller/fleet/audit_check.h"
#include "security/x509/ec_key.h"
#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

using security::OperatorRole;

class OperatorDeskTest : public testing::Test {
 protected:
  OperatorDeskTest()
      : authority_(security::CertificateAuthority::Create("fleet", world_.loop->Now(),
                                                          absl::Hours(24 * 900))
                       .value()),
        key_(security::EcKey::Generate().value()),
        desk_(
            *world_.fleet,
            [this](ByteView csr, std::string_view name, OperatorRole role, Time now,
                   Duration life) { return authority_.IssueOperator(csr, name, role, now, life); },
            *world_.loop) {
    world_.Settle();
    desk_.Note(FirstAdmin());
    world_.Settle();
  }

  security::PeerIdentity FirstAdmin() const {
    security::PeerIdentity peer;
    peer.kind = security::PeerKind::kOperator;
    peer.name = "admin";
    peer.role = OperatorRole::kAdmin;
    peer.serial_hex = "01";
    peer.not_before = world_.loop->Now();
    peer.not_after = world_.loop->Now() + absl::Hours(24 * 365);
    return peer;
  }
  StatusOr<v1::AddOperatorResponse> Add(const std::string& name, v1::OperatorRole role,
                                        bool renew = false) {
    v1::AddOperatorRequest request;
    request.set_name(name);
    request.set_role(role);
    request.set_csr_der(ToText(key_.MakeCsrDer().value()));
    request.set_renew(renew);
    StatusOr<v1::AddOperatorResponse> answer = Internal("no answer");
    desk_.Add(request, "operator:admin", [&](auto response) { answer = std::move(response); });
    world_.Settle();
    return answer;
  }
  Status Revoke(const std::string& name) {
    v1::RevokeOperatorRequest request;
    request.set_name(name);
    Status answer = Internal("no answer");
    desk_.Revoke(request, "operator:admin", [&](auto response) { answer = response.status(); });
    world_.Settle();
    return answer;
  }
  bool IsRevoked(const std::string& serial) { return world_.fleet->revocations().Contains(serial); }
  std::vector<v1::AuditEntry> Audit() { return world_.store.AuditAfter(0, 1000).value(); }

  FleetWorld world_;
  security::CertificateAuthority authority_;
  security::EcKey key_;
  OperatorDesk desk_;
};

TEST_F(OperatorDeskTest, GivesACertificateOfTheRole) {
  const auto added = Add("alice", v1::OPERATOR_ROLE_VIEWER);
  ASSERT_TRUE(added.ok()) << added.status();
  const auto peer = security::CheckPeer(added->certificate_chain_pem(), authority_.cert_pem(),
                                        world_.loop->Now());
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->name, "alice");
  EXPECT_EQ(peer->role, OperatorRole::kViewer);
  EXPECT_EQ(peer->serial_hex, added->operator_().certificate_serial());
  EXPECT_EQ(peer->not_after, world_.loop->Now() + absl::Hours(24 * 90));
  EXPECT_EQ(Audit().back().action(), "operator.add");
}

TEST_F(OperatorDeskTest, RefusesWhatIsNoRoleNoNameAndNoLife) {
  EXPECT_EQ(Add("alice", v1::OPERATOR_ROLE_UNSPECIFIED).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(Add("a b", v1::OPERATOR_ROLE_VIEWER).status().code(), StatusCode::kInvalidArgument);
  v1::AddOperatorRequest request;
  request.set_name("alice");
  request.set_role(v1::OPERATOR_ROLE_VIEWER);
  request.mutable_valid_for()->set_seconds(3599);
  Status status;
  desk_.Add(request, "operator:admin", [&](const auto& answer) { status = answer.status(); });
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
}

TEST_F(OperatorDeskTest, GivesANameOnceUnlessItIsRenewed) {
  const auto first = Add("alice", v1::OPERATOR_ROLE_VIEWER);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(Add("alice", v1::OPERATOR_ROLE_VIEWER).status().code(), StatusCode::kAlreadyExists);
  ASSERT_TRUE(Add("alice", v1::OPERATOR_ROLE_VIEWER, true).ok());
  EXPECT_FALSE(IsRevoked(first->operator_().certificate_serial())) << "both work for a while";
}

TEST_F(OperatorDeskTest, TakesTheOldRoleAwayWithANewOne) {
  const auto first = Add("alice", v1::OPERATOR_ROLE_RELEASE_MANAGER);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(Add("alice", v1::OPERATOR_ROLE_VIEWER, true).ok());
  EXPECT_TRUE(IsRevoked(first->operator_().certificate_serial()));
}

TEST_F(OperatorDeskTest, RevokesEveryCertificateOfAName) {
  const auto first = Add("alice", v1::OPERATOR_ROLE_OPERATOR);
  const auto second = Add("alice", v1::OPERATOR_ROLE_OPERATOR, true);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_TRUE(Revoke("alice").ok());
  EXPECT_TRUE(IsRevoked(first->operator_().certificate_serial()));
  EXPECT_TRUE(IsRevoked(second->operator_().certificate_serial()));
  EXPECT_TRUE(Revoke("alice").ok()) << "again is OK";
  EXPECT_EQ(Revoke("nobody").code(), StatusCode::kNotFound);
}

TEST_F(OperatorDeskTest, KeepsTheLastAdmin) {
  EXPECT_EQ(Revoke("admin").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Add("admin", v1::OPERATOR_ROLE_VIEWER, true).status().code(),
            StatusCode::kFailedPrecondition);
  ASSERT_TRUE(Add("bob", v1::OPERATOR_ROLE_ADMIN).ok());
  EXPECT_TRUE(Revoke("admin").ok());
  EXPECT_EQ(Revoke("bob").code(), StatusCode::kFailedPrecondition);
}

TEST_F(OperatorDeskTest, KnowsItsOperatorsAfterARestart) {
  ASSERT_TRUE(Add("alice", v1::OPERATOR_ROLE_OPERATOR).ok());
  ASSERT_TRUE(Revoke("alice").ok());
  const auto stored = world_.store.Load();
  ASSERT_TRUE(stored.ok());
  ASSERT_EQ(stored->operators.size(), 2U);
  EXPECT_TRUE(std::any_of(stored->operators.begin(), stored->operators.end(), [](const auto& row) {
    return row.name() == "alice" && row.revoked() && row.created_by() == "admin";
  }));
  EXPECT_EQ(stored->revocations.size(), 1U);
}

TEST_F(OperatorDeskTest, LeavesAnAuditLogThatIsAChain) {
  ASSERT_TRUE(Add("alice", v1::OPERATOR_ROLE_OPERATOR).ok());
  ASSERT_TRUE(Revoke("alice").ok());
  AuditCheck found;
  CheckAuditLog(*world_.fleet, [&](const AuditCheck& check) { found = check; });
  world_.Settle();
  EXPECT_TRUE(found.verdict.ok()) << found.verdict;
  EXPECT_EQ(found.entries, Audit().size());
  EXPECT_EQ(found.head.Text(), world_.fleet->audit_head().Text());
}

TEST_F(OperatorDeskTest, RefusedChangesAreAuditedButNeverWithoutBound) {
  RefusalAudit refusals(*world_.fleet, *world_.loop);
  const security::PeerIdentity peer = FirstAdmin();
  refusals.Note(&peer, "RolloutService.ListRollouts", PermissionDenied("no"));
  world_.Settle();
  EXPECT_TRUE(Audit().empty()) << "a refused read is not written";
  for (int i = 0; i < 300; ++i) {
    refusals.Note(&peer, "RolloutService.CreateRollout", PermissionDenied("no"));
  }
  world_.Settle();
  EXPECT_EQ(Audit().size(), 100U);
  EXPECT_EQ(Audit().back().action(), "access.refused");
  EXPECT_EQ(Audit().back().actor(), "operator:admin");
  EXPECT_EQ(Audit().back().subject(), "RolloutService.CreateRollout");
  world_.Advance(absl::Seconds(1));
  refusals.Note(nullptr, "RolloutService.CreateRollout", PermissionDenied("no"));
  world_.Settle();
  EXPECT_EQ(Audit().back().actor(), "unknown");
  EXPECT_NE(Audit().back().detail().find("200 refusals before this one"), std::string::npos)
      << Audit().back().detail();
}

}  // namespace
}  // namespace flotilla::controller
