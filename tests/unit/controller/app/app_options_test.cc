#include "controller/app/app_options.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include "absl/strings/match.h"

#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

StatusOr<AppOptions> Read(const std::string& yaml) {
  const TempDir folder;
  const std::filesystem::path file = folder.path() / "controller.yaml";
  std::ofstream(file) << yaml;
  return ReadAppOptions(file);
}

std::string Refusal(const std::string& yaml) {
  return MessageOf(Read(yaml).status());
}

TEST(AppOptions, PacesAreTheMachinesUnlessTheOwnerSaysMore) {
  const auto options = Read("state_dir: /srv/flotilla\n");
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->handshakes_per_second, 0);
  EXPECT_EQ(options->fan_out_per_second, 2000);
}

TEST(AppOptions, AMachineThatSharesItsCoresSaysWhatIsLeftForHandshakes) {
  const auto options =
      Read("admission: {handshakes_per_second: 120, drain_limit: 7s}\nfan_out_per_second: 500\n");
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->handshakes_per_second, 120);
  EXPECT_EQ(options->drain_limit, absl::Seconds(7));
  EXPECT_EQ(options->fan_out_per_second, 500);
}

TEST(AppOptions, RefusesPacesThatNobodyCanMean) {
  for (const char* yaml : {"admission: {handshakes_per_second: 9}\n",
                           "admission: {handshakes_per_second: 100001}\n"}) {
    EXPECT_TRUE(absl::StrContains(Refusal(yaml), "admission.handshakes_per_second")) << yaml;
  }
  EXPECT_TRUE(absl::StrContains(Refusal("fan_out_per_second: 1000001\n"), "fan_out_per_second"));
  EXPECT_TRUE(
      absl::StrContains(Refusal("admission: {drain_limit: 2h}\n"), "admission.drain_limit"));
}

}  // namespace
}  // namespace flotilla::controller
