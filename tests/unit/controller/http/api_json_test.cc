#include "controller/http/api_json.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "controller/http/fleet_metrics.h"
#include "controller/http/guard_metrics.h"

namespace flotilla::http {
namespace {

class SmallFleet final : public FleetPicture {
 public:
  FleetCounts Counts() const override {
    FleetCounts counts;
    counts.devices = 3;
    counts.sessions = 2;
    counts.liveness[v1::LIVENESS_ONLINE] = 2;
    counts.liveness[v1::LIVENESS_OFFLINE] = 1;
    counts.installed[{"pump", "2.0.0"}] = 3;
    return counts;
  }
  std::vector<v1::Device> Devices(const std::string&, std::size_t) const override { return {}; }
  std::vector<v1::Rollout> Rollouts() const override {
    v1::Rollout rollout;
    rollout.set_id("pump-2");
    rollout.set_state(v1::ROLLOUT_STATE_RUNNING);
    v1::Wave& wave = *rollout.add_waves();
    wave.mutable_spec()->set_name("canary");
    (*wave.mutable_counts())[v1::DEPLOYMENT_STATE_TRIAL] = 1;
    (*wave.mutable_counts())[v1::DEPLOYMENT_STATE_SUCCEEDED] = 2;
    return {rollout};
  }
  std::vector<v1::RolloutDevice> RolloutDevices(const std::string&) const override { return {}; }
  v1::ListExpiryResponse Expiry() const override {
    v1::ListExpiryResponse list;
    const auto add = [&list](v1::ExpiryKind kind, const std::string& name, std::int64_t seconds) {
      v1::Expiry& item = *list.add_items();
      item.set_kind(kind);
      item.set_name(name);
      item.mutable_expires_at()->set_seconds(seconds);
    };
    add(v1::EXPIRY_KIND_DEVICE_CERTIFICATE, "pump-01", 1000);
    add(v1::EXPIRY_KIND_DEVICE_CERTIFICATE, "pump-02", 2000);
    add(v1::EXPIRY_KIND_ROLE, "timestamp", 3000);
    add(v1::EXPIRY_KIND_CA, std::string(64, 'a'), 4000);
    add(v1::EXPIRY_KIND_TOKEN, "ab12", 5000);
    list.set_devices_in_3_days(2);
    return list;
  }
  // Newest first: one that is measured, one collected, an older one of the same kind.
  v1::ListHealthResponse Health(const v1::ListHealthRequest&) const override {
    v1::ListHealthResponse list;
    for (const int count : {0, -3, 50}) {
      v1::HealthResult& result = *list.add_results();
      result.mutable_task()->set_metric("crash_count");
      result.mutable_task()->set_line("pump");
      result.mutable_task()->set_release("2.0.0");
      result.mutable_task()->set_arm(v1::HEALTH_ARM_CANARY);
      result.mutable_task()->set_epsilon(2);
      v1::HealthWindow& window = *result.add_windows();
      window.set_state(count == 0 ? v1::HEALTH_WINDOW_STATE_MEASURING
                                  : v1::HEALTH_WINDOW_STATE_COLLECTED);
      if (count != 0) {
        window.set_reports(120);
        window.set_interval_95(8);
        v1::HealthBucket& bucket = *window.add_buckets();
        bucket.set_label("< 1");
        bucket.set_count(count);
      }
    }
    return list;
  }
};

TEST(OverviewJson, CountsTheFleet) {
  EXPECT_EQ(OverviewJson(SmallFleet(), FromUnixMillis(0)),
            R"({"time":"1970-01-01T00:00:00Z","devices":3,"sessions":2,)"
            R"("liveness":{"LIVENESS_ONLINE":2,"LIVENESS_OFFLINE":1},)"
            R"("installed":[{"line":"pump","version":"2.0.0","devices":3}],)"
            R"("rollouts":{"total":1,"running":1,"paused":0}})");
}

TEST(FleetMetrics, HaveNoDeviceAsALabel) {
  const ArtifactCounters counters;
  const std::string text = FleetMetricsText(SmallFleet(), counters);
  EXPECT_NE(text.find("fleet_devices{liveness=\"online\"} 2"), std::string::npos) << text;
  EXPECT_NE(
      text.find("fleet_rollout_devices{rollout=\"pump-2\",wave=\"canary\",state=\"succeeded\"} 2"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("fleet_rollout_in_flight{rollout=\"pump-2\"} 1"), std::string::npos) << text;
  EXPECT_NE(text.find("fleet_artifact_bytes_total{kind=\"target\"} 0"), std::string::npos) << text;
  EXPECT_EQ(text.find("device="), std::string::npos);
}

TEST(FleetMetrics, TellWhatWillLapse) {
  const ArtifactCounters counters;
  const std::string text = FleetMetricsText(SmallFleet(), counters);
  for (const char* line : {"fleet_role_expiry_timestamp_seconds{role=\"timestamp\"} 3000",
                           "fleet_ca_expiry_timestamp_seconds{ca=\"aaaaaaaaaaaaaaaa\"} 4000",
                           "fleet_certificate_expiry_timestamp_seconds{kind=\"device\"} 1000",
                           "fleet_device_certificates_expiring{within=\"3d\"} 2"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  EXPECT_EQ(text.find("pump-0"), std::string::npos);
  EXPECT_EQ(text.find("token"), std::string::npos);
}

TEST(GuardMetrics, ShowTheStageAndTheRiseWithItsBounds) {
  v1::Rollout rollout;
  rollout.set_id("pump-2");
  v1::Wave& wave = *rollout.add_waves();
  wave.mutable_spec()->set_name("canary");
  std::vector<prometheus::MetricFamily> families;
  AddGuardMetrics({rollout}, families);
  EXPECT_TRUE(families.empty());
  wave.mutable_guard()->set_stage(v1::GUARD_STAGE_FAILED);
  wave.mutable_guard()->set_looks_taken(1);
  wave.mutable_guard()->set_increase(0.5);
  wave.mutable_guard()->set_interval_95(0.25);
  AddGuardMetrics({rollout}, families);
  const std::string text = prometheus::TextSerializer().Serialize(families);
  const std::string labels = R"({rollout="pump-2",wave="canary")";
  for (const std::string& line : {"fleet_rollout_guard" + labels + R"(,stage="failed"} 1)",
                                  "fleet_rollout_guard_increase" + labels + "} 0.5",
                                  "fleet_rollout_guard_increase_low" + labels + "} 0.25",
                                  "fleet_rollout_guard_increase_high" + labels + "} 0.75"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(HealthMetrics, ShowTheNewestCollectedWindowWithTheBoundsOfItsCounts) {
  const std::string text = FleetMetricsText(SmallFleet(), ArtifactCounters());
  const std::string labels =
      R"({metric="crash_count",line="pump",release="2.0.0",arm="canary",demo="0")";
  for (const std::string& line :
       {"fleet_health_devices" + labels + R"(,bucket="< 1"} -3)",
        "fleet_health_devices_low" + labels + R"(,bucket="< 1"} 0)",
        "fleet_health_devices_high" + labels + R"(,bucket="< 1"} 5)",
        "fleet_health_reports" + labels + "} 120", "fleet_health_epsilon" + labels + "} 2",
        "fleet_health_independent" + labels + "} 0"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  EXPECT_EQ(text.find("} 50"), std::string::npos);
}

}  // namespace
}  // namespace flotilla::http
