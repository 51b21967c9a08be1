#include <string>

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "base/config/yaml.h"
#include "flotilla/config/v1/agent.pb.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::config {
namespace {

TEST(WriteYaml, ShowsOnlyWhatIsSet) {
  v1::AgentConfig config;
  EXPECT_EQ(WriteYaml(config), "{}\n");
  config.set_state_dir("/var/lib/flotilla");
  config.mutable_reconnect_cap()->set_seconds(300);
  EXPECT_EQ(WriteYaml(config), "state_dir: /var/lib/flotilla\nreconnect_cap: 5m\n");
}

TEST(WriteYaml, QuotesWhatWouldReadAsSomethingElse) {
  v1::AgentConfig config;
  config.set_hardware("a: b # c");
  (*config.mutable_labels())["note"] = "~";
  v1::AgentConfig again;
  const Status status = ReadYaml(WriteYaml(config), "a.yaml", again);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(again.hardware(), "a: b # c");
  EXPECT_EQ(again.labels().at("note"), "~");
}

TEST(WriteYaml, IsReadBackAsTheSameMessage) {
  flotilla::v1::Rollout rollout;
  auto& spec = *rollout.mutable_spec();
  spec.set_name("pump-2");
  spec.set_version("2.0.0");
  auto& wave = *spec.mutable_strategy()->add_waves();
  wave.set_percent(12.5);
  wave.set_gate(flotilla::v1::GATE_MANUAL);
  wave.mutable_soak()->set_nanos(250'000'000);
  spec.mutable_strategy()->mutable_judge()->set_p0(0.1);
  rollout.set_state(flotilla::v1::ROLLOUT_STATE_RUNNING);
  rollout.mutable_created_at()->set_seconds(1'769'903'999);
  auto& counted = *rollout.add_waves();
  (*counted.mutable_counts())[310] = 2;
  counted.set_small(true);
  flotilla::v1::Rollout again;
  const Status status = ReadYaml(WriteYaml(rollout), "r.yaml", again);
  ASSERT_TRUE(status.ok()) << status << "\n" << WriteYaml(rollout);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(rollout, again))
      << WriteYaml(again);
}

}  // namespace
}  // namespace flotilla::config
