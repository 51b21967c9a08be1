#include "controller/enrolment/enrolment.h"

#include <string>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/status.h"
#include "security/sha256.h"
#include "tests/unit/controller/enrolment/enrolment_fixture.h"

namespace flotilla::controller {
namespace {

class EnrolmentTest : public EnrolmentFixture {
 protected:
  void ExpectRefused(const v1::EnrollRequest& request, StatusCode code, v1::FailureReason reason) {
    const auto answer = Enroll(request);
    EXPECT_EQ(answer.status().code(), code) << answer.status();
    EXPECT_EQ(ReasonNumber(answer.status()), reason) << answer.status();
  }
};

TEST_F(EnrolmentTest, GivesACertificateForAToken) {
  const auto token = NewToken(1);
  const auto answer = Enroll(RequestOf(token.text(), key_, "pump-01", "machine-a"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->device_id(), "pump-01");
  const security::PeerIdentity peer = PeerOf(answer->certificate_chain_pem());
  EXPECT_EQ(peer.kind, security::PeerKind::kDevice);
  EXPECT_EQ(peer.name, "pump-01");
  EXPECT_EQ(peer.not_after, clock_.Now() + security::kDeviceLife);
  const StoredDevice* const device = ledger_.state().FindStored("pump-01");
  ASSERT_NE(device, nullptr);
  EXPECT_EQ(device->record.certificate_serial(), peer.serial_hex);
  EXPECT_EQ(device->record.labels().at("site"), "north");
  EXPECT_EQ(device->public_key, security::Sha256(key_.PublicSpkiDer()));
  EXPECT_EQ(UsesOf(token), 1U);
}

TEST_F(EnrolmentTest, CommitsTokenUseAndDeviceTogether) {
  const auto token = NewToken(1);
  ASSERT_TRUE(Enroll(RequestOf(token.text(), key_, "pump-01", "machine-a")).ok());
  const FleetChange& change = ledger_.changes().back();
  EXPECT_EQ(change.tokens.size(), 1U);
  EXPECT_EQ(change.devices.size(), 1U);
  EXPECT_EQ(change.audit.size(), 1U);
}

TEST_F(EnrolmentTest, AnswersOnlyOnceTheChangeIsDurable) {
  const auto token = NewToken(1);
  ledger_.Hold();
  bool answered = false;
  enrolment_.Enroll(RequestOf(token.text(), key_, "pump-01", "machine-a"),
                    [&](const StatusOr<v1::EnrollResponse>& answer) { answered = answer.ok(); });
  EXPECT_FALSE(answered);
  // The use is taken at once all the same.
  const auto other = security::EcKey::Generate().value();
  ExpectRefused(RequestOf(token.text(), other, "pump-02", "machine-b"),
                StatusCode::kUnauthenticated, v1::FAILURE_REASON_CONTROL_TOKEN_USED_UP);
  ledger_.Settle(OkStatus());
  EXPECT_TRUE(answered);
}

TEST_F(EnrolmentTest, NamesADeviceByItsKeyWhenItAsksForNoName) {
  const auto answer = Enroll(RequestOf(NewToken(1).text(), key_, "", "machine-a"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->device_id(),
            "d-" + security::Sha256(key_.PublicSpkiDer()).ToHex().substr(0, 16));
}

TEST_F(EnrolmentTest, AnswersTheSameUseAgainWithoutTakingAnother) {
  const auto token = NewToken(1);
  const auto request = RequestOf(token.text(), key_, "pump-01", "machine-a");
  ASSERT_TRUE(Enroll(request).ok());
  const auto again = Enroll(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(UsesOf(token), 1U);
  EXPECT_EQ(ledger_.state().FindStored("pump-01")->record.certificate_serial(),
            PeerOf(again->certificate_chain_pem()).serial_hex);
}

TEST_F(EnrolmentTest, WorksAsOftenAsTheTokenSays) {
  const auto token = NewToken(2);
  const auto two = security::EcKey::Generate().value();
  const auto three = security::EcKey::Generate().value();
  EXPECT_TRUE(Enroll(RequestOf(token.text(), key_, "pump-01", "a")).ok());
  EXPECT_TRUE(Enroll(RequestOf(token.text(), two, "pump-02", "b")).ok());
  ExpectRefused(RequestOf(token.text(), three, "pump-03", "c"), StatusCode::kUnauthenticated,
                v1::FAILURE_REASON_CONTROL_TOKEN_USED_UP);
  EXPECT_EQ(ledger_.state().FindStored("pump-03"), nullptr);
}

TEST_F(EnrolmentTest, RefusesATokenPastItsEnd) {
  const auto token = NewToken(1);
  clock_.Advance(absl::Hours(24));
  ExpectRefused(RequestOf(token.text(), key_, "pump-01", "a"), StatusCode::kUnauthenticated,
                v1::FAILURE_REASON_CONTROL_TOKEN_EXPIRED);
}

TEST_F(EnrolmentTest, GivesAnIdToOneMachineOnly) {
  const auto token = NewToken(5);
  ASSERT_TRUE(Enroll(RequestOf(token.text(), key_, "pump-01", "machine-a")).ok());
  const auto other = security::EcKey::Generate().value();
  ExpectRefused(RequestOf(token.text(), other, "pump-01", "machine-b"), StatusCode::kAlreadyExists,
                v1::FAILURE_REASON_CONTROL_CLONED_IDENTITY);
  ExpectRefused(RequestOf(token.text(), other, "pump-01", ""), StatusCode::kAlreadyExists,
                v1::FAILURE_REASON_CONTROL_CLONED_IDENTITY);
}

TEST_F(EnrolmentTest, TakesTheSameMachineBackWithANewKeyAndRevokesTheOldOne) {
  const auto token = NewToken(2);
  ASSERT_TRUE(Enroll(RequestOf(token.text(), key_, "pump-01", "machine-a")).ok());
  const std::string old = ledger_.state().FindStored("pump-01")->record.certificate_serial();
  const auto fresh = security::EcKey::Generate().value();
  ASSERT_TRUE(Enroll(RequestOf(token.text(), fresh, "pump-01", "machine-a")).ok());
  EXPECT_TRUE(ledger_.state().IsRevoked(old));
  EXPECT_EQ(UsesOf(token), 2U);
}

TEST_F(EnrolmentTest, DoesNotTakeARevokedDeviceBack) {
  const auto token = NewToken(2);
  ASSERT_TRUE(Enroll(RequestOf(token.text(), key_, "pump-01", "machine-a")).ok());
  FleetChange change;
  change.devices.push_back(*ledger_.state().FindStored("pump-01"));
  change.devices.back().record.set_revoked(true);
  ledger_.Put(change);
  ExpectRefused(RequestOf(token.text(), key_, "pump-01", "machine-a"),
                StatusCode::kPermissionDenied, v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
}

TEST_F(EnrolmentTest, RefusesABadRequestWithoutTakingAUse) {
  const auto token = NewToken(1);
  auto bad_csr = RequestOf(token.text(), key_, "pump-01", "a");
  bad_csr.mutable_csr_der()->back() ^= 1;
  ExpectRefused(bad_csr, StatusCode::kInvalidArgument, v1::FAILURE_REASON_CONTROL_CSR_INVALID);
  ExpectRefused(RequestOf(token.text(), key_, "../x", "a"), StatusCode::kInvalidArgument,
                v1::FAILURE_REASON_UNSPECIFIED);
  ExpectRefused(RequestOf(token.text(), key_, "pump-01", std::string(65, 'm')),
                StatusCode::kInvalidArgument, v1::FAILURE_REASON_UNSPECIFIED);
  auto bad_label = RequestOf(token.text(), key_, "pump-01", "a");
  (*bad_label.mutable_facts()->mutable_labels())["site"] = "north west";
  ExpectRefused(bad_label, StatusCode::kInvalidArgument, v1::FAILURE_REASON_UNSPECIFIED);
  EXPECT_EQ(UsesOf(token), 0U);
}

TEST_F(EnrolmentTest, SlowsDownTokenHoldersButNotForStrangers) {
  const auto token = NewToken(1000);
  for (int i = 0; i < 200; ++i) {
    ExpectRefused(RequestOf("flt1.x", key_, "pump-01", "a"), StatusCode::kUnauthenticated,
                  v1::FAILURE_REASON_CONTROL_TOKEN_UNKNOWN);
  }
  const auto request = RequestOf(token.text(), key_, "pump-01", "a");
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Enroll(request).ok()) << i;
  }
  EXPECT_EQ(Enroll(request).status().code(), StatusCode::kResourceExhausted);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Enroll(request).ok());
}

}  // namespace
}  // namespace flotilla::controller
