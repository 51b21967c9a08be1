// Who enrols without a token, and whom a token is for.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "security/x509/bundle.h"
#include "security/x509/renewal_proof.h"
#include "tests/unit/controller/enrolment/enrolment_fixture.h"

namespace flotilla::controller {
namespace {

class EnrolmentRulesTest : public EnrolmentFixture {
 protected:
  // Enrols without a token under these rules.
  StatusOr<v1::EnrollResponse> Ask(const EnrolmentRules& rules, const v1::EnrollRequest& request,
                                   const std::string& source = "192.0.2.1") {
    EnrolmentOptions options;
    options.rules = rules;
    Enrolment enrolment(options, authority_, tokens_, ledger_, clock_, &approvals_);
    std::optional<StatusOr<v1::EnrollResponse>> answer;
    enrolment.Enroll(
        request, [&](StatusOr<v1::EnrollResponse> r) { answer = std::move(r); }, source);
    return answer.has_value() ? *std::move(answer) : Unavailable("no answer yet");
  }
  StatusOr<v1::EnrolmentRequest> Decide(const std::string& id, v1::EnrolmentDecision decision) {
    v1::DecideEnrolmentRequestRequest request;
    request.set_id(id);
    request.set_decision(decision);
    (*request.mutable_labels())["ring"] = "lab";
    return approvals_.Decide(request, "operator:alice");
  }
  v1::EnrollRequest Bare() { return RequestOf("", key_, "pump-01", "machine-a"); }
  // The factory gave this machine a certificate; `serial` is its name there.
  v1::EnrollRequest FromFactory(const security::CertificateAuthority& factory) {
    const auto factory_key = security::EcKey::Generate().value();
    const auto issued =
        factory.IssueDevice(factory_key.MakeCsrDer().value(), DeviceId::Parse("sn-1").value(),
                            clock_.Now(), security::kDeviceLife);
    v1::EnrollRequest request = Bare();
    request.add_factory_chain_der(
        ToText(security::CertificatesPemToDer(issued->chain_pem).value().front()));
    const Bytes proof =
        factory_key.Sign(security::FactoryMessage(AsBytes(request.csr_der()))).value();
    request.set_factory_proof(ToText(proof));
    return request;
  }
  static EnrolmentRules Asking() {
    EnrolmentRules rules;
    rules.ask = true;
    return rules;
  }

  ApprovalDesk approvals_{ApprovalLimits(), clock_, random_};
};

TEST_F(EnrolmentRulesTest, WithoutRulesATokenIsNeeded) {
  const auto answer = Ask({}, Bare());
  EXPECT_EQ(answer.status().code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonNumber(answer.status()), v1::FAILURE_REASON_CONTROL_TOKEN_UNKNOWN);
}

TEST_F(EnrolmentRulesTest, ADeviceThatAsksWaitsUntilAPersonApproves) {
  const auto first = Ask(Asking(), Bare());
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_FALSE(first->request_id().empty());
  EXPECT_TRUE(first->certificate_chain_pem().empty());
  EXPECT_GT(first->retry_after().seconds(), 0);
  EXPECT_EQ(Ask(Asking(), Bare())->request_id(), first->request_id());
  ASSERT_EQ(approvals_.List().requests_size(), 1);

  ASSERT_TRUE(Decide(first->request_id(), v1::ENROLMENT_DECISION_APPROVED).ok());
  EXPECT_TRUE(Decide(first->request_id(), v1::ENROLMENT_DECISION_APPROVED).ok());
  EXPECT_EQ(Decide(first->request_id(), v1::ENROLMENT_DECISION_DENIED).status().code(),
            StatusCode::kFailedPrecondition);
  const auto given = Ask(Asking(), Bare());
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(PeerOf(given->certificate_chain_pem()).name, "pump-01");
  EXPECT_EQ(ledger_.state().FindDevice("pump-01")->labels().at("ring"), "lab");
  EXPECT_EQ(approvals_.List().requests_size(), 0);
}

TEST_F(EnrolmentRulesTest, ADeniedDeviceHearsIt) {
  const auto first = Ask(Asking(), Bare());
  ASSERT_TRUE(Decide(first->request_id(), v1::ENROLMENT_DECISION_DENIED).ok());
  const auto answer = Ask(Asking(), Bare());
  EXPECT_EQ(answer.status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonNumber(answer.status()), v1::FAILURE_REASON_CONTROL_ENROLMENT_DENIED);
}

TEST_F(EnrolmentRulesTest, TheQueueIsBoundedPerSourceAndRequestsExpire) {
  for (int i = 0; i < 10; ++i) {
    key_ = security::EcKey::Generate().value();
    EXPECT_TRUE(Ask(Asking(), RequestOf("", key_, "", "m")).ok());
  }
  key_ = security::EcKey::Generate().value();
  EXPECT_EQ(Ask(Asking(), RequestOf("", key_, "", "m")).status().code(),
            StatusCode::kResourceExhausted);
  EXPECT_TRUE(Ask(Asking(), RequestOf("", key_, "", "m"), "192.0.2.2").ok());
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(approvals_.List().requests_size(), 0);
}

TEST_F(EnrolmentRulesTest, AFactoryCertificateIsEnoughWhereTheRulesSaySo) {
  const auto factory =
      security::CertificateAuthority::Create("factory", clock_.Now(), security::kAuthorityLife)
          .value();
  EnrolmentRules rules;
  rules.factory_cas_pem = factory.cert_pem();
  rules.approved_serials = {"another"};
  EXPECT_EQ(Ask(rules, FromFactory(factory)).status().code(), StatusCode::kUnauthenticated);
  rules.approve_factory = true;
  const auto answer = Ask(rules, FromFactory(factory));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->certificate_chain_pem().empty());
  EXPECT_FALSE(ledger_.state().FindDevice("pump-01")->serial().empty());
}

TEST_F(EnrolmentRulesTest, AFactoryCertificateNeedsItsKeyAndItsCa) {
  const auto factory =
      security::CertificateAuthority::Create("factory", clock_.Now(), security::kAuthorityLife)
          .value();
  const auto stranger =
      security::CertificateAuthority::Create("stranger", clock_.Now(), security::kAuthorityLife)
          .value();
  EnrolmentRules rules;
  rules.factory_cas_pem = factory.cert_pem();
  rules.approve_factory = true;
  EXPECT_EQ(ReasonNumber(Ask(rules, FromFactory(stranger)).status()),
            v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  v1::EnrollRequest stolen = FromFactory(factory);
  stolen.set_csr_der(ToText(security::EcKey::Generate().value().MakeCsrDer().value()));
  EXPECT_EQ(Ask(rules, stolen).status().code(), StatusCode::kUnauthenticated);
}

TEST_F(EnrolmentRulesTest, ATokenIsGoodForItsSerialsAndNamesTheSite) {
  v1::CreateTokenRequest create;
  create.set_max_uses(3);
  create.add_serials("SN-1");
  create.set_site("plant-4");
  std::string text;
  tokens_.Create(create, "operator:alice", [&](const auto& made) { text = made.value().text(); });
  v1::EnrollRequest request = RequestOf(text, key_, "pump-01", "machine-a");
  EXPECT_EQ(ReasonNumber(Enroll(request).status()),
            v1::FAILURE_REASON_CONTROL_TOKEN_NOT_FOR_DEVICE);
  request.set_serial("SN-1");
  ASSERT_TRUE(Enroll(request).ok());
  EXPECT_EQ(ledger_.state().FindDevice("pump-01")->labels().at("site"), "plant-4");
  EXPECT_EQ(ledger_.state().FindDevice("pump-01")->serial(), "SN-1");
}

TEST_F(EnrolmentRulesTest, AMachineThatEnrolsByItselfClearsTheCloneItWas) {
  ASSERT_TRUE(Enroll(RequestOf(NewToken(1).text(), key_, "pump-01", "machine-a")).ok());
  FleetChange change;
  change.devices.push_back(*ledger_.state().FindStored("pump-01"));
  change.devices.back().record.set_clone_suspected(true);
  change.devices.back().record.add_clone_fingerprints("machine-b");
  ledger_.Put(change);
  key_ = security::EcKey::Generate().value();
  ASSERT_TRUE(Enroll(RequestOf(NewToken(1).text(), key_, "pump-02", "machine-b")).ok());
  EXPECT_FALSE(ledger_.state().FindDevice("pump-01")->clone_suspected());
}

}  // namespace
}  // namespace flotilla::controller
