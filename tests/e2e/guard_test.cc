// A guarded rollout through the programs, on a site that is too small for a private gate.
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/second_party.h"

namespace flotilla::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class GuardedSiteTest : public FleetTest {
 protected:
  GuardedSiteTest() : GuardedSiteTest(std::make_unique<SecondParty>()) {}

  std::string Said(const Command& words) const {
    const CommandResult result = site_.Fleetctl(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }

 private:
  explicit GuardedSiteTest(std::unique_ptr<SecondParty> party)
      : FleetTest(OptionsFor(*party)), party_(std::move(party)) {}
  static SiteOptions OptionsFor(SecondParty& party) {
    const Status set_up = party.SetUp();
    EXPECT_TRUE(set_up.ok()) << set_up;
    SiteOptions options;
    options.more_config = party.ControllerLines();
    return options;
  }

  std::unique_ptr<SecondParty> party_;
};

TEST_F(GuardedSiteTest, SaysSmokeOnlyAndCompletesWithoutAskingItsDevices) {
  FleetOnFirstRelease({"pump-1", "pump-2"});
  Must(site_.Push("2.0.0", kModelV2, 40));
  const std::string name = absl::StrCat(kLine, "-2.0.0");
  const std::string draft =
      Said({"rollout", "create", "--line", kLine, "--version", "2.0.0", "--waves", "1,rest",
            "--gate", "auto", "--soak", "1s", "--trial", "1s", "--guard", "5%"});
  EXPECT_THAT(draft, HasSubstr("Private gate of wave canary: as the fleet is now: smoke only: an "
                               "arm of 1 devices"));
  Must(site_.Run({"rollout", "start", name}));
  ASSERT_TRUE(
      Eventually([&] { return site_.RolloutState("2.0.0") == "COMPLETED"; }, absl::Seconds(120)))
      << site_.RolloutState("2.0.0");
  EXPECT_THAT(Said({"rollout", "explain", name}), HasSubstr("nothing is asked of any device"));
  EXPECT_THAT(Said({"rollout", "status", name}), HasSubstr("smoke only"));
  EXPECT_THAT(Said({"health", "show", "-o", "json"}), Not(HasSubstr("gate_verdict")));
}

}  // namespace
}  // namespace flotilla::e2e
