#include "controller/http/router.h"

#include <utility>

#include <gtest/gtest.h>

namespace flotilla::http {
namespace {

Route RouteFor(std::string method, std::string prefix) {
  return {std::move(method), std::move(prefix), Access::kAnyone,
          Handler([](const Request&, const Responder&) {})};
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.Add(RouteFor("GET", "/"));
    router_.Add(RouteFor("GET", "/api/v1/devices"));
    router_.Add(RouteFor("GET", "/api/v1/devices/"));
    router_.Add(RouteFor("PUT", "/artifacts/"));
  }
  std::string PrefixFor(const char* method, const char* path) {
    const auto route = router_.Find(method, path);
    return route.ok() ? (*route)->prefix : CodeName(route.status().code());
  }
  Router router_;
};

TEST_F(RouterTest, FindsTheLongestPrefix) {
  EXPECT_EQ(PrefixFor("GET", "/api/v1/devices"), "/api/v1/devices");
  EXPECT_EQ(PrefixFor("GET", "/api/v1/devices/pump-1"), "/api/v1/devices/");
  EXPECT_EQ(PrefixFor("GET", "/"), "/");
}

TEST_F(RouterTest, DoesNotTakeTheRootForEverything) {
  EXPECT_EQ(PrefixFor("GET", "/nowhere"), "NOT_FOUND");
  EXPECT_EQ(PrefixFor("GET", "/api/v1/devicesX"), "NOT_FOUND");
}

TEST_F(RouterTest, TellsAWrongMethodFromAWrongPath) {
  EXPECT_EQ(PrefixFor("GET", "/artifacts/ab"), "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace flotilla::http
