#include "controller/http/dashboard_token.h"

#include <string>

#include <gtest/gtest.h>

namespace flotilla::http {
namespace {

const Time kNow = FromUnixMillis(1'800'000'000'000);

TEST(DashboardToken, NamesItsOperatorUntilItExpires) {
  const DashboardTokens tokens(Bytes(32, 7));
  const std::string token = tokens.Make("alice.o'hara", kNow + absl::Hours(1));
  EXPECT_EQ(tokens.Check(token, kNow).value(), "alice.o'hara");
  EXPECT_EQ(tokens.Check(token, kNow + absl::Hours(1)).status().code(),
            StatusCode::kUnauthenticated);
}

TEST(DashboardToken, IsRefusedWhenAnyPartWasChanged) {
  const DashboardTokens tokens(Bytes(32, 7));
  const std::string token = tokens.Make("alice", kNow + absl::Hours(1));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.Check(forged, kNow).ok()) << i;
    EXPECT_FALSE(tokens.Check(token.substr(0, i), kNow).ok()) << i;
  }
}

TEST(DashboardToken, OfAnotherProcessIsRefused) {
  const std::string token = DashboardTokens(Bytes(32, 7)).Make("alice", kNow + absl::Hours(1));
  EXPECT_FALSE(DashboardTokens(Bytes(32, 8)).Check(token, kNow).ok());
}

}  // namespace
}  // namespace flotilla::http
