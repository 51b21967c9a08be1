// The two tables of what a device does with a clock that cannot be believed.
#include "agent/clock/trust_clock.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "security/clock_attestation.h"
#include "security/tuf/key.h"
#include "security/x509/authority.h"
#include "tests/support/fake_executor.h"
#include "tests/support/memory_repository.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr Duration kDay = absl::Hours(24);
const Time kBuilt = ParseUtcText("2026-01-01T00:00:00Z").value();
const Time kNow = kBuilt + 20 * kDay;

class TrustClockTest : public testing::Test {
 protected:
  TrustClockTest() {
    system_.SetWallClock(kNow);
    auto client = tuf::TufClient::Open({.state_dir = dir_.path() / "tuf"},
                                       repository_.factory_root(), fs_, repository_);
    root_ = (*client)->root();
    Restart();
  }
  void Restart() {
    clock_ = std::make_unique<TrustClock>(
        dir_.path(), TrustClock::Parts{system_, fs_, [this] { return kept_; }, kBuilt});
    clock_->OnRoot(root_);
  }
  void Attest(Time at, const std::string& key = "timestamp") {
    const std::string nonce(security::kClockNonceBytes, 'n');
    v1::ClockAttestation attestation;
    attestation.mutable_at()->set_seconds(absl::ToUnixSeconds(at));
    attestation.set_key_id(tuf::KeyId(repository_.Key(key).public_key()));
    attestation.set_signature(
        ToText(repository_.Key(key).Sign(security::ClockMessage(AsBytes(nonce), at)).value()));
    clock_->OnAttestation(nonce, attestation);
  }
  void Verify(Time issued) {
    tuf::TrustDates dates;
    dates.timestamp_issued = issued;
    clock_->OnVerified(dates);
  }
  void ExpectTrusted(Time now) {
    const JudgedTime judged = clock_->Judge();
    EXPECT_TRUE(judged.trusted) << v1::FailureReason_Name(judged.cause);
    EXPECT_EQ(judged.now, now);
    EXPECT_EQ(judged.cause, v1::FAILURE_REASON_UNSPECIFIED);
  }
  void ExpectUntrusted(Time now, v1::FailureReason cause) {
    const JudgedTime judged = clock_->Judge();
    EXPECT_FALSE(judged.trusted);
    EXPECT_EQ(judged.now, now) << UtcText(judged.now);
    EXPECT_EQ(judged.cause, cause) << v1::FailureReason_Name(judged.cause);
  }
  // A server certificate of the controller, issued at kNow for a year.
  Status CheckServer(const std::string& host = "localhost") {
    return clock_->CheckServer(server_, authority_.cert_pem(), host);
  }

  TempDir dir_;
  OsDurableFs fs_;
  FakeExecutor system_;
  bool kept_ = true;
  MemoryRepository repository_{kNow};
  tuf::Root root_;
  std::unique_ptr<TrustClock> clock_;
  security::CertificateAuthority authority_ =
      security::CertificateAuthority::Create("test", kNow, security::kAuthorityLife).value();
  std::string server_ = authority_
                            .IssueServer(security::EcKey::Generate()->MakeCsrDer().value(),
                                         {"localhost"}, kNow, security::kServerLife)
                            ->chain_pem;
};

TEST_F(TrustClockTest, TheFloorIsVerifiedOnceSomethingConfirmedItInThisRun) {
  EXPECT_EQ(std::nullopt, clock_->VerifiedFloor());
  Verify(kNow - kDay);
  EXPECT_EQ(std::nullopt, clock_->VerifiedFloor());
  clock_->OnFresh();
  EXPECT_EQ(kNow - kDay, clock_->VerifiedFloor());
  Restart();
  EXPECT_EQ(std::nullopt, clock_->VerifiedFloor());
  Attest(kNow);
  EXPECT_EQ(kNow, clock_->VerifiedFloor());
}

TEST_F(TrustClockTest, AClockThatIsKeptIsBelieved) {
  ExpectTrusted(kNow);
  Attest(kNow - absl::Hours(23));
  ExpectTrusted(kNow);
  EXPECT_TRUE(CheckServer().ok());
}

TEST_F(TrustClockTest, WithoutRtcTheFloorIsTheTime) {
  system_.SetWallClock(absl::UnixEpoch());
  kept_ = false;
  ExpectUntrusted(kBuilt, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
  EXPECT_TRUE(CheckServer().ok());  // issued after the floor: it may be valid by now
  Attest(kNow);
  ExpectUntrusted(kNow, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
  system_.Advance(absl::Hours(2));
  ExpectUntrusted(kNow + absl::Hours(2), v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
  Restart();
  ExpectUntrusted(kNow, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
}

TEST_F(TrustClockTest, NobodyKeepsTheClock) {
  kept_ = false;
  ExpectUntrusted(kBuilt, v1::FAILURE_REASON_CLOCK_UNSYNCED);
  EXPECT_TRUE(CheckServer().ok());
  Verify(kNow - kDay);
  ExpectUntrusted(kNow - kDay, v1::FAILURE_REASON_CLOCK_UNSYNCED);
}

TEST_F(TrustClockTest, TheBestGuessIsTheSystemsClockUnlessThatIsImplausible) {
  const BestGuessClock guess(*clock_);
  kept_ = false;
  EXPECT_EQ(guess.Now(), kNow);
  system_.SetWallClock(absl::UnixEpoch());
  EXPECT_EQ(guess.Now(), kBuilt);
}

TEST_F(TrustClockTest, AFarFutureDoesNotStick) {
  for (const Time future :
       {kNow + 4000 * kDay, absl::FromUnixSeconds(0x7fffffff) + 9000 * kDay,
        absl::FromUnixSeconds(std::numeric_limits<std::int64_t>::max()), absl::InfiniteFuture()}) {
    system_.SetWallClock(future);
    ExpectUntrusted(kBuilt, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
    EXPECT_TRUE(CheckServer().ok());
  }
  system_.SetWallClock(kNow);
  ExpectTrusted(kNow);
}

TEST_F(TrustClockTest, AFutureThatEndsTheControllersCertificateIsDoubtedUntilItIsAttested) {
  system_.SetWallClock(kNow + 800 * kDay);  // the certificate lives 365 days
  ExpectTrusted(kNow + 800 * kDay);
  EXPECT_TRUE(CheckServer().ok());
  ExpectUntrusted(kBuilt, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
  Attest(kNow);
  ExpectUntrusted(kNow, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
  system_.SetWallClock(kNow);
  ExpectTrusted(kNow);
}

TEST_F(TrustClockTest, ACertificateThatHasReallyEndedIsRefusedOnceTheTimeIsAttested) {
  system_.SetWallClock(kNow + 400 * kDay);
  EXPECT_TRUE(CheckServer().ok());
  Attest(kNow + 400 * kDay);
  ExpectTrusted(kNow + 400 * kDay);
  EXPECT_FALSE(CheckServer().ok());
}

TEST_F(TrustClockTest, DoubtExcusesNothingButTheTime) {
  EXPECT_FALSE(CheckServer("elsewhere").ok());
  const auto other =
      security::CertificateAuthority::Create("other", kNow, security::kAuthorityLife).value();
  EXPECT_FALSE(clock_->CheckServer(server_, other.cert_pem(), "localhost").ok());
  ExpectTrusted(kNow);
}

TEST_F(TrustClockTest, AnEndedCertificateIsRefusedAtTheFloorToo) {
  system_.SetWallClock(absl::UnixEpoch());
  for (int run = 0; run < 13; ++run) {  // 33 days a run at most
    Attest(kNow + 400 * kDay);
    Restart();
  }
  EXPECT_FALSE(CheckServer().ok());
}

TEST_F(TrustClockTest, AClockThatStepsBackBelowTheFloorIsNotFollowed) {
  Verify(kNow);
  system_.SetWallClock(kNow - 2 * kDay);
  ExpectUntrusted(kNow, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
  system_.SetWallClock(kNow + kDay);
  ExpectTrusted(kNow + kDay);
}

TEST_F(TrustClockTest, AClockADayOffTheAttestedTimeIsNotBelieved) {
  Attest(kNow);
  system_.SetWallClock(kNow + kDay);
  ExpectTrusted(kNow + kDay);
  system_.SetWallClock(kNow + kDay + absl::Seconds(1));
  ExpectUntrusted(kNow, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
  system_.Advance(absl::Hours(30));  // both have moved on
  ExpectUntrusted(kNow + absl::Hours(30), v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
}

TEST_F(TrustClockTest, TheSystemsClockNeverRaisesTheFloor) {
  ExpectTrusted(kNow);
  system_.SetWallClock(kNow + 300 * kDay);
  EXPECT_TRUE(CheckServer().ok());
  Restart();
  kept_ = false;
  ExpectUntrusted(kBuilt, v1::FAILURE_REASON_CLOCK_UNSYNCED);
}

TEST_F(TrustClockTest, AnAttestationNeedsAKeyOfTheTimestampRole) {
  kept_ = false;
  for (const char* const key : {"targets", "stranger"}) {
    Attest(kNow, key);
    ExpectUntrusted(kBuilt, v1::FAILURE_REASON_CLOCK_UNSYNCED);
  }
  kept_ = true;
  EXPECT_EQ(clock_->Judge().cause, v1::FAILURE_REASON_CLOCK_ATTESTATION_BAD);
  Attest(kNow);
  ExpectTrusted(kNow);
}

TEST_F(TrustClockTest, AnAttestationOfTheFarFutureMovesTheFloorByThirtyThreeDaysAtMost) {
  for (int i = 0; i < 5; ++i) {
    Attest(kNow + 10000 * kDay);
  }
  ExpectUntrusted(kBuilt + 33 * kDay, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
}

TEST_F(TrustClockTest, AStolenTimestampKeysLieEndsWithTheKey) {
  Attest(kNow + 10000 * kDay);
  root_.timestamp.key_ids = {tuf::KeyId(repository_.Key("new").public_key())};
  clock_->OnRoot(root_);
  ExpectTrusted(kNow);
  kept_ = false;
  ExpectUntrusted(kBuilt, v1::FAILURE_REASON_CLOCK_UNSYNCED);
}

TEST_F(TrustClockTest, ASavedFloorThatIsDamagedCountsAsNone) {
  Verify(kNow);
  ASSERT_TRUE(DurableWrite(fs_, dir_.path() / "time_floor", AsBytes("garbage")).ok());
  Restart();
  kept_ = false;
  ExpectUntrusted(kBuilt, v1::FAILURE_REASON_CLOCK_UNSYNCED);
}

}  // namespace
}  // namespace flotilla::agent
