#include "security/x509/peer_checker.h"

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "base/status.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"

namespace flotilla::security {
namespace {

const Time kNow = absl::FromUnixSeconds(1'767'225'600);

class PeerCheckerTest : public ::testing::Test {
 protected:
  std::string Device(const std::string& id, Duration life = kDeviceLife) {
    return authority_
        .IssueDevice(key_.MakeCsrDer().value(), DeviceId::Parse(id).value(), kNow, life)
        ->chain_pem;
  }

  CertificateAuthority authority_ =
      CertificateAuthority::Create("Flotilla test", kNow, kAuthorityLife).value();
  EcKey key_ = EcKey::Generate().value();
};

TEST_F(PeerCheckerTest, SaysTheSecondTimeWhatItSaidTheFirst) {
  const PeerChecker checker(authority_.cert_pem());
  const std::string pem = Device("gate-1");
  const auto first = checker.Check(pem, kNow);
  const auto again = checker.Check(pem, kNow + absl::Hours(1));
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(again->name, "gate-1");
  EXPECT_EQ(again->serial_hex, first->serial_hex);
  EXPECT_EQ(again->spki_der, first->spki_der);
  EXPECT_EQ(checker.remembered(), 1U);
}

TEST_F(PeerCheckerTest, RefusesOneThatItRemembersOnceItHasEnded) {
  const PeerChecker checker(authority_.cert_pem());
  const std::string pem = Device("gate-1", absl::Hours(2));
  const auto peer = checker.Check(pem, kNow);
  ASSERT_TRUE(peer.ok());
  const Time last = peer->not_after - absl::Seconds(1);
  EXPECT_TRUE(checker.Check(pem, last).ok());
  const auto late = checker.Check(pem, last + absl::Seconds(1));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(ReasonNumber(late.status()), v1::FAILURE_REASON_CONTROL_CERTIFICATE_EXPIRED);
}

TEST_F(PeerCheckerTest, RefusesOneThatItRemembersOnceItsAuthorityHasEnded) {
  const auto brief = CertificateAuthority::Create("Brief", kNow, absl::Hours(1)).value();
  const std::string pem = brief
                              .IssueDevice(key_.MakeCsrDer().value(),
                                           DeviceId::Parse("gate-1").value(), kNow, kDeviceLife)
                              ->chain_pem;
  const PeerChecker checker(brief.cert_pem());
  EXPECT_TRUE(checker.Check(pem, kNow).ok());
  EXPECT_FALSE(checker.Check(pem, kNow + absl::Hours(2)).ok());
}

TEST_F(PeerCheckerTest, ChecksAnewWhenTheClockGoesBack) {
  const PeerChecker checker(authority_.cert_pem());
  const std::string pem = Device("gate-1");
  EXPECT_TRUE(checker.Check(pem, kNow + absl::Hours(1)).ok());
  EXPECT_FALSE(checker.Check(pem, kNow - absl::Hours(24 * 365)).ok());
}

TEST_F(PeerCheckerTest, RemembersNobodyWhomItRefused) {
  const auto other = CertificateAuthority::Create("Other", kNow, kAuthorityLife).value();
  const PeerChecker checker(other.cert_pem());
  EXPECT_EQ(checker.Check(Device("gate-1"), kNow).status().code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(checker.Check("no certificate", kNow).status().code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(checker.remembered(), 0U);
}

TEST_F(PeerCheckerTest, KnowsTheNewestAndForgetsTheOldest) {
  constexpr std::size_t kMost = 4;
  const PeerChecker checker(authority_.cert_pem(), kMost);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(checker.Check(Device(absl::StrCat("gate-", i)), kNow).ok());
    EXPECT_LE(checker.remembered(), 2 * kMost);
  }
}

TEST_F(PeerCheckerTest, AnswersManyThreads) {
  const PeerChecker checker(authority_.cert_pem(), 4);
  std::vector<std::string> peers;
  for (int i = 0; i < 8; ++i) {
    peers.push_back(Device(absl::StrCat("gate-", i)));
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 80; ++i) {
        const auto& pem = peers.at(static_cast<std::size_t>(i) % peers.size());
        EXPECT_EQ(checker.Check(pem, kNow)->name, absl::StrCat("gate-", i % 8));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace flotilla::security
