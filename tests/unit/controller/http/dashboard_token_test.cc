#include "controller/http/dashboard_token.h"

#include <string>

#include <gtest/gtest.h>

namespace flotilla::http {
namespace {

const Time kNow = FromUnixMillis(1'800'000'000'000);

security::PeerIdentity Maker(const std::string& name, security::OperatorRole role) {
  security::PeerIdentity peer;
  peer.kind = security::PeerKind::kOperator;
  peer.name = name;
  peer.role = role;
  peer.serial_hex = "0a0b";
  peer.not_after = kNow + absl::Hours(24);
  return peer;
}

security::PeerIdentity Alice() {
  return Maker("alice", security::OperatorRole::kAdmin);
}

TEST(DashboardToken, NamesItsOperatorUntilItExpires) {
  const DashboardTokens tokens(Bytes(32, 7));
  const std::string token =
      tokens.Make(Maker("alice.o'hara", security::OperatorRole::kAdmin), kNow + absl::Hours(1));
  EXPECT_EQ(tokens.Check(token, kNow).value().name, "alice.o'hara");
  EXPECT_EQ(tokens.Check(token, kNow + absl::Hours(1)).status().code(),
            StatusCode::kUnauthenticated);
}

TEST(DashboardToken, IsRefusedWhenAnyPartWasChanged) {
  const DashboardTokens tokens(Bytes(32, 7));
  const std::string token = tokens.Make(Alice(), kNow + absl::Hours(1));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.Check(forged, kNow).ok()) << i;
    EXPECT_FALSE(tokens.Check(token.substr(0, i), kNow).ok()) << i;
  }
}

TEST(DashboardToken, CarriesTheRoleAndTheCertificateOfItsMaker) {
  const DashboardTokens tokens(Bytes(32, 7));
  for (const auto role :
       {security::OperatorRole::kViewer, security::OperatorRole::kOperator,
        security::OperatorRole::kReleaseManager, security::OperatorRole::kAdmin}) {
    const auto peer = tokens.Check(tokens.Make(Maker("bob", role), kNow + absl::Hours(1)), kNow);
    ASSERT_TRUE(peer.ok()) << peer.status();
    EXPECT_EQ(peer->kind, security::PeerKind::kOperator);
    EXPECT_EQ(peer->role, role);
    EXPECT_EQ(peer->serial_hex, "0a0b");
    EXPECT_EQ(peer->not_after, kNow + absl::Hours(1));
  }
}

TEST(DashboardToken, EndsWithTheCertificateOfItsMaker) {
  const DashboardTokens tokens(Bytes(32, 7));
  const std::string token = tokens.Make(Alice(), kNow + absl::Hours(48));
  EXPECT_TRUE(tokens.Check(token, kNow + absl::Hours(23)).ok());
  EXPECT_FALSE(tokens.Check(token, kNow + absl::Hours(24)).ok());
}

TEST(DashboardToken, OfAnotherProcessIsRefused) {
  const std::string token = DashboardTokens(Bytes(32, 7)).Make(Alice(), kNow + absl::Hours(1));
  EXPECT_FALSE(DashboardTokens(Bytes(32, 8)).Check(token, kNow).ok());
}

}  // namespace
}  // namespace flotilla::http
