#include "security/x509/peer.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/status.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/openssl_ptr.h"
#include "security/sha256.h"
#include "security/x509/authority.h"
#include "security/x509/certificate.h"
#include "security/x509/certificate_builder.h"
#include "security/x509/ec_key.h"

namespace flotilla::security {
namespace {

const Time kNow = absl::FromUnixSeconds(1'767'225'600);

class Peer : public ::testing::Test {
 protected:
  IssuedCertificate Device(const std::string& id) {
    return authority_
        .IssueDevice(key_.MakeCsrDer().value(), DeviceId::Parse(id).value(), kNow, kDeviceLife)
        .value();
  }
  IssuedCertificate Server(const std::vector<std::string>& hosts) {
    return authority_.IssueServer(key_.MakeCsrDer().value(), hosts, kNow, kServerLife).value();
  }
  // A leaf that IssueX would never make.
  std::string Odd(LeafUse use, std::vector<LeafName> names) {
    const LeafPlan plan{use, "odd", std::move(names), kNow, kNow + kDeviceLife};
    const X509Ptr issuer = ReadCertificatePem(authority_.cert_pem()).value();
    const EcKey issuer_key = EcKey::FromPem(authority_.KeyPem().value()).value();
    const X509Ptr leaf =
        BuildLeaf(plan, key_.handle(), issuer.get(), [&issuer_key](ByteView message) {
          return issuer_key.Sign(message);
        }).value();
    return CertificatePem(leaf.get()).value();
  }
  void ExpectRefused(const std::string& pem, Time now, const std::string& why,
                     v1::FailureReason reason = v1::FAILURE_REASON_FETCH_TLS) {
    const auto peer = CheckPeer(pem, authority_.cert_pem(), now);
    ASSERT_FALSE(peer.ok());
    EXPECT_EQ(peer.status().code(), StatusCode::kUnauthenticated);
    EXPECT_EQ(ReasonNumber(peer.status()), reason);
    EXPECT_NE(MessageOf(peer.status()).find(why), std::string::npos) << peer.status();
  }

  CertificateAuthority authority_ =
      CertificateAuthority::Create("Flotilla test", kNow, kAuthorityLife).value();
  EcKey key_ = EcKey::Generate().value();
};

TEST_F(Peer, IsTheDeviceThatItsCertificateNames) {
  const IssuedCertificate issued = Device("pump-01");
  const auto peer = CheckPeer(issued.chain_pem, authority_.cert_pem(), kNow);
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->kind, PeerKind::kDevice);
  EXPECT_EQ(peer->name, "pump-01");
  EXPECT_EQ(peer->serial_hex, issued.serial_hex);
  EXPECT_EQ(peer->not_after, issued.not_after);
  EXPECT_EQ(peer->spki, Sha256(key_.PublicSpkiDer()));
  EXPECT_EQ(peer->spki_der, key_.PublicSpkiDer());
}

TEST_F(Peer, IsTheOperatorThatItsCertificateNames) {
  const auto issued = authority_.IssueOperator(key_.MakeCsrDer().value(), "alice",
                                               OperatorRole::kAdmin, kNow, kOperatorLife);
  ASSERT_TRUE(issued.ok());
  const auto peer = CheckPeer(issued->chain_pem, authority_.cert_pem(), kNow);
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->kind, PeerKind::kOperator);
  EXPECT_EQ(peer->name, "alice");
}

TEST_F(Peer, IsTheReplicaThatItsCertificateNames) {
  const auto issued =
      authority_.IssueReplica(key_.MakeCsrDer().value(), "r1", kNow, kServerLife).value();
  const auto peer = CheckPeer(issued.chain_pem, authority_.cert_pem(), kNow);
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->kind, PeerKind::kReplica);
  EXPECT_EQ(peer->name, "r1");
  EXPECT_EQ(peer->role, OperatorRole::kUnspecified);
  EXPECT_FALSE(authority_.IssueReplica(key_.MakeCsrDer().value(), "r 1", kNow, kServerLife).ok());
}

TEST_F(Peer, HasTheRoleThatItsCertificateNames) {
  for (const OperatorRole role : {OperatorRole::kViewer, OperatorRole::kOperator,
                                  OperatorRole::kReleaseManager, OperatorRole::kAdmin}) {
    const auto issued =
        authority_.IssueOperator(key_.MakeCsrDer().value(), "alice", role, kNow, kOperatorLife);
    ASSERT_TRUE(issued.ok()) << issued.status();
    const auto peer = CheckPeer(issued->chain_pem, authority_.cert_pem(), kNow);
    ASSERT_TRUE(peer.ok()) << peer.status();
    EXPECT_EQ(peer->role, role);
    EXPECT_EQ(ParseOperatorRole(OperatorRoleName(role)).value(), role);
  }
  EXPECT_EQ(authority_
                .IssueOperator(key_.MakeCsrDer().value(), "alice", OperatorRole::kUnspecified, kNow,
                               kOperatorLife)
                .status()
                .code(),
            StatusCode::kInvalidArgument);
}

TEST_F(Peer, OfAnOperatorFromBeforeThereWereRolesIsAnAdmin) {
  const std::string old = Odd(LeafUse::kClient, {{LeafNameKind::kUri, "flotilla:operator:alice"}});
  const auto peer = CheckPeer(old, authority_.cert_pem(), kNow);
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->role, OperatorRole::kAdmin);
}

TEST_F(Peer, WithARoleThatIsNotOneOrNotItsOwnIsRefused) {
  const LeafName alice{LeafNameKind::kUri, "flotilla:operator:alice"};
  const LeafName device{LeafNameKind::kUri, "flotilla:device:pump-01"};
  const LeafName viewer{LeafNameKind::kUri, "flotilla:role:viewer"};
  const LeafName admin{LeafNameKind::kUri, "flotilla:role:admin"};
  const LeafName root{LeafNameKind::kUri, "flotilla:role:root"};
  const LeafName tail{LeafNameKind::kUri, std::string("flotilla:role:admin\0x", 21)};
  ExpectRefused(Odd(LeafUse::kClient, {alice, root}), kNow, "is no role");
  ExpectRefused(Odd(LeafUse::kClient, {alice, tail}), kNow, "is no role");
  ExpectRefused(Odd(LeafUse::kClient, {alice, viewer, admin}), kNow, "does not name one");
  ExpectRefused(Odd(LeafUse::kClient, {viewer, alice}), kNow, "does not name one");
  ExpectRefused(Odd(LeafUse::kClient, {device, admin}), kNow, "does not name one");
  ExpectRefused(Odd(LeafUse::kClient, {admin}), kNow, "not one of");
}

TEST_F(Peer, MayHaveAnIdOf128Characters) {
  const std::string id(128, 'a');
  const auto peer = CheckPeer(Device(id).chain_pem, authority_.cert_pem(), kNow);
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->name, id);
}

TEST_F(Peer, OfAnotherAuthorityIsRefused) {
  const auto other = CertificateAuthority::Create("Flotilla test", kNow, kAuthorityLife);
  ASSERT_TRUE(other.ok());
  const auto issued = other->IssueDevice(key_.MakeCsrDer().value(),
                                         DeviceId::Parse("pump-01").value(), kNow, kDeviceLife);
  ASSERT_TRUE(issued.ok());
  ExpectRefused(issued->chain_pem, kNow, "at 2026");
}

TEST_F(Peer, IsRefusedOutsideItsDates) {
  const IssuedCertificate issued = Device("pump-01");
  EXPECT_TRUE(CheckPeer(issued.chain_pem, authority_.cert_pem(), issued.not_before).ok());
  EXPECT_TRUE(
      CheckPeer(issued.chain_pem, authority_.cert_pem(), issued.not_after - absl::Seconds(1)).ok());
  ExpectRefused(issued.chain_pem, issued.not_before - absl::Seconds(1), "not yet valid");
  ExpectRefused(issued.chain_pem, issued.not_after + absl::Seconds(1), "it ended at",
                v1::FAILURE_REASON_CONTROL_CERTIFICATE_EXPIRED);
}

TEST_F(Peer, PastItsEndPassesOnlyWhereTheEndIsForgiven) {
  const IssuedCertificate issued = Device("pump-01");
  const Time late = issued.not_after + absl::Hours(24 * 200);
  ExpectRefused(issued.chain_pem, late, "it ended at",
                v1::FAILURE_REASON_CONTROL_CERTIFICATE_EXPIRED);
  const auto forgiven =
      CheckPeer(issued.chain_pem, authority_.cert_pem(), late, EndCheck::kForgiven);
  EXPECT_TRUE(forgiven.ok()) << forgiven.status();
  const auto early = CheckPeer(issued.chain_pem, authority_.cert_pem(),
                               issued.not_before - absl::Hours(1), EndCheck::kForgiven);
  EXPECT_EQ(early.status().code(), StatusCode::kUnauthenticated);
}

TEST_F(Peer, WithTheUseOfTheOtherSideIsRefused) {
  const LeafName device{LeafNameKind::kUri, "flotilla:device:pump-01"};
  const LeafName host{LeafNameKind::kDns, "fleet.example.org"};
  ExpectRefused(Odd(LeafUse::kServer, {device}), kNow, "key use");
  ExpectRefused(Odd(LeafUse::kClient, {host}), kNow, "key use");
}

TEST_F(Peer, WithTwoNamesOrNoneOfOursIsRefused) {
  const LeafName device{LeafNameKind::kUri, "flotilla:device:pump-01"};
  const LeafName other{LeafNameKind::kUri, "flotilla:operator:alice"};
  const LeafName host{LeafNameKind::kDns, "fleet.example.org"};
  ExpectRefused(Odd(LeafUse::kClient, {device, other}), kNow, "does not name one");
  ExpectRefused(Odd(LeafUse::kClient, {device, host}), kNow, "does not name one");
  ExpectRefused(Odd(LeafUse::kClient, {{LeafNameKind::kUri, "spiffe://x/y"}}), kNow, "not one of");
  ExpectRefused(Odd(LeafUse::kClient, {{LeafNameKind::kUri, "flotilla:device:../x"}}), kNow,
                "not one of");
  ExpectRefused(
      Odd(LeafUse::kClient, {{LeafNameKind::kUri, std::string("flotilla:device:a\0b", 19)}}), kNow,
      "not one of");
}

TEST_F(Peer, ThatIsTheAuthorityItselfIsRefused) {
  ExpectRefused(authority_.cert_pem(), kNow, "refused");
}

TEST_F(Peer, ThatIsNoCertificateIsRefused) {
  ExpectRefused("", kNow, "not a PEM certificate");
  ExpectRefused(std::string(70'000, 'A'), kNow, "70000 bytes");
}

TEST_F(Peer, ServerMustNameTheHost) {
  const std::string pem =
      Server({"fleet.example.org", "localhost", "127.0.0.1", "2001:db8::7"}).chain_pem;
  for (const char* host : {"fleet.example.org", "localhost", "127.0.0.1", "2001:db8::7"}) {
    const Status status = CheckServer(pem, authority_.cert_pem(), host, kNow);
    EXPECT_TRUE(status.ok()) << host << ": " << status;
  }
  for (const char* host : {"other.example.org", "127.0.0.2", "", "flotilla server"}) {
    EXPECT_EQ(CheckServer(pem, authority_.cert_pem(), host, kNow).code(),
              StatusCode::kUnauthenticated)
        << host;
  }
}

TEST_F(Peer, DeviceIsNoServer) {
  EXPECT_EQ(
      CheckServer(Device("localhost").chain_pem, authority_.cert_pem(), "localhost", kNow).code(),
      StatusCode::kUnauthenticated);
}

TEST_F(Peer, AuthorityIsFoundInAChainByItsPinOnly) {
  const std::string chain = Server({"localhost"}).chain_pem;
  const auto found = FindPinnedAuthority(chain, authority_.Fingerprint());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, authority_.cert_pem());
  EXPECT_EQ(FindPinnedAuthority(chain, Sha256(AsBytes("x"))).status().code(),
            StatusCode::kUnauthenticated);
}

TEST_F(Peer, CertificateSurvivesDerAndPem) {
  const std::string pem = Device("pump-01").chain_pem;
  const auto der = CertificatePemToDer(pem);
  ASSERT_TRUE(der.ok());
  const auto again = CertificateDerToPem(*der);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(pem.starts_with(*again));
  EXPECT_EQ(CertificateEnd(pem).value(), kNow + kDeviceLife);
  Bytes longer = *der;
  longer.push_back(0);
  EXPECT_EQ(CertificateDerToPem(longer).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::security
