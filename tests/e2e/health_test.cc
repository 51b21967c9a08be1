// Private health through the programs: a controller that leads, a second party's aggregator that
// helps, devices that report.

#include <signal.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"

#include "tests/e2e/support/device_values.h"
#include "tests/e2e/support/health_fleet.h"

namespace flotilla::e2e {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

class HealthTest : public HealthFleet {
 protected:
  fs::path leaders_store() const { return site_.state_dir() / "health"; }
  fs::path secrets() const { return site_.folder() / "secrets"; }
};

// Every file below the folder that holds the text.
std::vector<std::string> FilesWith(const fs::path& folder, const std::string& text) {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && absl::StrContains(FileText(entry.path()), text)) {
      found.push_back(entry.path().string());
    }
  }
  return found;
}

TEST_F(HealthTest, AThousandDevicesAreSummedUpThoughTheHelperDiesInTheMiddleOfAJob) {
  constexpr int kDevices = 1000;
  Must(site_.Push("1.0.0", kModelV1, 40));
  const auto reporters = Reporters(kDevices, 1, {"--secrets-out", secrets().string()});
  const auto task = Ask("decode_tps_p50", "30s");
  ASSERT_TRUE(task.ok()) << task.status();

  // The job reaches a helper that does not move, which then dies at work.
  ASSERT_TRUE(Reaches(*task, "REPORTING", absl::Seconds(120)));
  ASSERT_EQ(reporters->Wait(absl::Seconds(120)), 0) << FileText(reporters_log());
  party_->process().Signal(SIGSTOP);
  ASSERT_TRUE(Reaches(*task, "VERIFYING", absl::Seconds(120)));
  party_->process().Signal(SIGCONT);
  party_->Kill();
  Must(party_->Start());

  ASSERT_TRUE(Reaches(*task, "COLLECTED", absl::Seconds(180))) << NewestWindow(*task).reason;
  const ShownWindow shown = NewestWindow(*task);
  const auto truth = Truth();
  ASSERT_TRUE(truth.ok()) << truth.status();
  std::int64_t honest = 0;
  std::size_t outside = 0;
  const json::array& counts = At(*truth, "/counts")->as_array();
  ASSERT_EQ(shown.counts.size(), counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::int64_t count = Number(&counts[i]);
    honest += count;
    const auto off = static_cast<double>(std::abs(shown.counts[i] - count));
    outside += off > shown.interval ? 1 : 0;
    EXPECT_LE(off, 4 * shown.interval) << "bucket " << i;
  }
  // Of 24 buckets at 95 % each more than six lie outside once in 10^4 runs.
  EXPECT_LE(outside, 6U);
  EXPECT_EQ(shown.reports, honest);
  EXPECT_EQ(honest, kDevices - kDevices / 100) << "one in a hundred breaks the protocol";

  // Neither party keeps which device reported; the owner's list of devices alone names them.
  EXPECT_EQ(FilesWith(leaders_store(), "sim-0"), std::vector<std::string>());
  EXPECT_EQ(FilesWith(party_->state_dir(), "sim-0"),
            std::vector<std::string>{(party_->state_dir() / "devices").string()});

  // No device's value is in either store.
  const auto values = DeviceValues::Read(secrets());
  ASSERT_TRUE(values.ok()) << values.status();
  ASSERT_EQ(values->devices(), static_cast<std::size_t>(honest));
  for (const fs::path& party : {site_.state_dir(), party_->state_dir()}) {
    EXPECT_EQ(values->FindValues(party), std::vector<std::string>()) << party;
    EXPECT_EQ(values->FindPairings(party), std::vector<std::string>()) << party;
    // The same search finds what both of them do keep.
    EXPECT_EQ(values->FindReportIds(party), values->devices()) << party;
    std::ofstream(party / "planted") << absl::Base64Escape("x" + values->sample());
    EXPECT_FALSE(values->FindValues(party).empty()) << party;
  }
}

TEST_F(HealthTest, TenDevicesAreTooFewAndTheReasonIsSaid) {
  Must(site_.Push("1.0.0", kModelV1, 40));
  const auto reporters = Reporters(10, 0);
  const CommandResult asked = site_.Fleetctl({"health", "ask", "decode_tps_p50", "--line", kLine,
                                              "--release", "1.0.0", "--demo", "--window", "5s"});
  EXPECT_NE(asked.exit_code, 0);
  EXPECT_TRUE(absl::StrContains(asked.err, "100")) << asked.err;
  const CommandResult shown = site_.Fleetctl({"health", "show"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
}

}  // namespace
}  // namespace flotilla::e2e
