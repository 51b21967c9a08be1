// A client that never stops asking notices nothing of an update.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/steady_client.h"

namespace flotilla::e2e {
namespace {

class Swap : public FleetTest {};

TEST_F(Swap, RefusesAndFailsNoRequestOfAClientThatAsksEvery20Milliseconds) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"steady"}));
  Device* const device = devices_["steady"];
  Must(site_.Push("2.0.0", kModelV2, 90));

  SteadyClient client(device->Url());
  ASSERT_TRUE(Eventually([&] { return client.answered() > 20; }));
  const int before = client.answered();
  Must(site_.RollOut("2.0.0", {{"all", 0}}));
  EXPECT_TRUE(Eventually([&] { return site_.Runs("steady") == "2.0.0"; })) << site_.Why("steady");
  const int during = client.answered();
  EXPECT_TRUE(Eventually([&] { return client.answered() > during + 20; }));
  client.Stop();

  EXPECT_EQ(client.failures(), std::vector<std::string>());
  EXPECT_GT(client.answered(), before);
  EXPECT_EQ(device->Ask(kLine, kQuestion).substr(0, 11), "Overheating");
  std::printf("%d requests answered across the swap, %zu failed\n", client.answered(),
              client.failures().size());
}

}  // namespace
}  // namespace flotilla::e2e
