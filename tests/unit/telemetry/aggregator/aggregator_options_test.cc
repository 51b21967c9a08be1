#include "telemetry/aggregator/aggregator_options.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace flotilla::telemetry {
namespace {

class AggregatorOptionsTest : public testing::Test {
 protected:
  StatusOr<AggregatorOptions> Read(const std::string& yaml) {
    const auto file = folder_.path() / "aggregator.yaml";
    std::ofstream(file) << yaml;
    return ReadAggregatorOptions(file);
  }

  TempDir folder_;
};

TEST_F(AggregatorOptionsTest, FillsInWhatIsNotSaid) {
  const AggregatorOptions options = *Read("state_dir: /srv/agg\n");
  EXPECT_EQ(options.layout.state_dir, "/srv/agg");
  EXPECT_EQ(options.devices_file, "/srv/agg/devices");
  EXPECT_EQ(options.listen_host, "0.0.0.0");
  EXPECT_EQ(options.listen_port, 7446);
  EXPECT_EQ(options.minimum_batch, 100U);
  EXPECT_EQ(options.demonstrations, Demonstrations::kRefused);
  EXPECT_EQ(options.sealing_key_life, absl::Hours(24 * 30));
  EXPECT_EQ(options.Endpoint(7446), "localhost:7446");
}

TEST_F(AggregatorOptionsTest, TakesWhatIsSaid) {
  const AggregatorOptions options = *Read(
      "state_dir: /srv/agg\nlisten: \"[::1]:0\"\nhost_names: [\"2001:db8::7\"]\n"
      "devices_file: /srv/devices\nminimum_batch: 500\nallow_demo: true\nhpke_life_days: 90\n");
  EXPECT_EQ(options.listen_host, "::1");
  EXPECT_EQ(options.listen_port, 0);
  EXPECT_EQ(options.devices_file, "/srv/devices");
  EXPECT_EQ(options.minimum_batch, 500U);
  EXPECT_EQ(options.demonstrations, Demonstrations::kAllowed);
  EXPECT_EQ(options.sealing_key_life, absl::Hours(24 * 90));
  EXPECT_EQ(options.Endpoint(7446), "[2001:db8::7]:7446");
}

TEST_F(AggregatorOptionsTest, RefusesFewerThan100DevicesLongKeysAndMistakes) {
  for (const char* const yaml :
       {"minimum_batch: 99", "hpke_life_days: 91", "listen: nowhere", "listen: \"host:70000\"",
        "log_level: loud", "minimum_batc: 100"}) {
    EXPECT_EQ(Read(yaml).status().code(), StatusCode::kInvalidArgument) << yaml;
  }
  EXPECT_EQ(ReadAggregatorOptions(folder_.path() / "none.yaml").status().code(),
            StatusCode::kNotFound);
}

}  // namespace
}  // namespace flotilla::telemetry
