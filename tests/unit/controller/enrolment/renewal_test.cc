#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/status.h"
#include "security/x509/renewal_proof.h"
#include "tests/unit/controller/enrolment/enrolment_fixture.h"

namespace flotilla::controller {
namespace {

class Renewal : public EnrolmentFixture {
 protected:
  void SetUp() override {
    chain_ = Enroll(RequestOf(NewToken(1).text(), key_, "pump-01", "machine-a"))
                 .value()
                 .certificate_chain_pem();
  }
  v1::RenewRequest RequestBy(const security::EcKey& prover, const security::EcKey& next) {
    v1::RenewRequest request;
    request.set_certificate_der(ToText(security::CertificatePemToDer(chain_).value()));
    const Bytes csr = next.MakeCsrDer().value();
    request.set_csr_der(ToText(csr));
    request.set_proof(ToText(prover.Sign(security::RenewalMessage(csr)).value()));
    return request;
  }
  StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request) {
    std::optional<StatusOr<v1::RenewResponse>> answer;
    enrolment_.Renew(request, [&](StatusOr<v1::RenewResponse> r) { answer = std::move(r); });
    return *std::move(answer);
  }

  std::string chain_;
};

TEST_F(Renewal, GivesANewCertificateForTheSameKey) {
  clock_.Advance(absl::Hours(24 * 30));
  const auto answer = Renew(RequestBy(key_, key_));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const security::PeerIdentity peer = PeerOf(answer->certificate_chain_pem());
  EXPECT_EQ(peer.name, "pump-01");
  EXPECT_EQ(peer.not_after, clock_.Now() + security::kDeviceLife);
  EXPECT_EQ(ledger_.state().FindStored("pump-01")->record.certificate_serial(), peer.serial_hex);
}

TEST_F(Renewal, WorksForADeviceThatWasDarkPastTheEnd) {
  clock_.Advance(absl::Hours(24 * 400));
  const auto answer = Renew(RequestBy(key_, key_));
  EXPECT_TRUE(answer.ok()) << answer.status();
}

TEST_F(Renewal, NeedsTheProofOfTheCurrentKey) {
  const auto other = security::EcKey::Generate().value();
  EXPECT_EQ(Renew(RequestBy(other, other)).status().code(), StatusCode::kUnauthenticated);
  auto moved = RequestBy(key_, key_);
  moved.set_csr_der(ToText(other.MakeCsrDer().value()));
  EXPECT_EQ(Renew(moved).status().code(), StatusCode::kUnauthenticated);
}

TEST_F(Renewal, ToANewKeyCanBeRepeatedAndLeavesTheOldKeyNothingElse) {
  const auto next = security::EcKey::Generate().value();
  ASSERT_TRUE(Renew(RequestBy(key_, next)).ok());
  EXPECT_TRUE(Renew(RequestBy(key_, next)).ok());
  const auto third = security::EcKey::Generate().value();
  const auto answer = Renew(RequestBy(key_, third));
  EXPECT_EQ(answer.status().code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonNumber(answer.status()), v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
}

TEST_F(Renewal, IsRefusedToARevokedDevice) {
  FleetChange change;
  change.devices.push_back(*ledger_.state().FindStored("pump-01"));
  change.devices.back().record.set_revoked(true);
  ledger_.Put(change);
  const auto answer = Renew(RequestBy(key_, key_));
  EXPECT_EQ(answer.status().code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonNumber(answer.status()), v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
}

TEST_F(Renewal, IsRefusedToAnOperator) {
  chain_ = authority_
               .IssueOperator(key_.MakeCsrDer().value(), "pump-01", security::OperatorRole::kAdmin,
                              clock_.Now(), security::kOperatorLife)
               .value()
               .chain_pem;
  EXPECT_EQ(Renew(RequestBy(key_, key_)).status().code(), StatusCode::kUnauthenticated);
}

TEST_F(Renewal, IsRefusedToACertificateOfAnotherAuthority) {
  const auto other =
      security::CertificateAuthority::Create("test", clock_.Now(), security::kAuthorityLife)
          .value();
  chain_ = other
               .IssueDevice(key_.MakeCsrDer().value(), DeviceId::Parse("pump-01").value(),
                            clock_.Now(), security::kDeviceLife)
               .value()
               .chain_pem;
  EXPECT_EQ(Renew(RequestBy(key_, key_)).status().code(), StatusCode::kUnauthenticated);
}

TEST_F(Renewal, IsOverAfterTheWindowPastTheEnd) {
  clock_.Advance(security::kDeviceLife + absl::Hours(24 * 401));
  const auto answer = Renew(RequestBy(key_, key_));
  EXPECT_EQ(answer.status().code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonNumber(answer.status()), v1::FAILURE_REASON_CONTROL_CERTIFICATE_EXPIRED);
}

TEST_F(Renewal, TellsADeviceThatItLeftTheFleet) {
  FleetChange change;
  change.devices.push_back(*ledger_.state().FindStored("pump-01"));
  change.devices.back().record.set_decommissioned(true);
  ledger_.Put(change);
  const auto answer = Renew(RequestBy(key_, key_));
  EXPECT_EQ(answer.status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonNumber(answer.status()), v1::FAILURE_REASON_CONTROL_DECOMMISSIONED);
}

TEST_F(Renewal, KeepsTheCertificatesThatNoSessionHasReplacedButNotForEver) {
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(absl::Seconds(1));
    ASSERT_TRUE(Renew(RequestBy(key_, key_)).ok());
  }
  const auto held = ledger_.state().CertificatesOf("pump-01");
  EXPECT_EQ(held.size(), 8U);
  EXPECT_EQ(held.front().serial_hex, PeerOf(chain_).serial_hex);
}

}  // namespace
}  // namespace flotilla::controller
