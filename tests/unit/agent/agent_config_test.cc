#include "agent/app/agent_config.h"

#include <fstream>

#include <gtest/gtest.h>

#include "agent/app/agent_options.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

TEST(AgentConfig, FillsInWhatWasLeftOut) {
  config::v1::AgentConfig config;
  ASSERT_TRUE(CompleteConfig("/usr/lib/flotilla", config).ok());
  EXPECT_EQ(config.listen(), "127.0.0.1:8080");
  EXPECT_EQ(config.engine_path(), "/usr/lib/flotilla/flotilla-engine");
  EXPECT_EQ(config.state_dir(), "/var/lib/flotilla-agent");
}

TEST(AgentConfig, MakesTheStateFolderAbsolute) {
  config::v1::AgentConfig config;
  config.set_state_dir("here");
  ASSERT_TRUE(CompleteConfig("/", config).ok());
  EXPECT_EQ(config.state_dir().front(), '/');
}

TEST(AgentConfig, RefusesIdsThatCannotBeSelected) {
  config::v1::AgentConfig config;
  config.set_device_id("../etc");
  EXPECT_EQ(CompleteConfig("/", config).code(), StatusCode::kInvalidArgument);
  config.clear_device_id();
  (*config.mutable_labels())["site"] = "no spaces";
  EXPECT_EQ(CompleteConfig("/", config).code(), StatusCode::kInvalidArgument);
}

TEST(AgentConfig, RefusesAnUnknownLogLevel) {
  config::v1::AgentConfig config;
  config.set_log_level("loud");
  EXPECT_EQ(CompleteConfig("/", config).code(), StatusCode::kInvalidArgument);
}

TEST(AgentConfig, NamesThePlaceOfAnUnknownField) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "agent.yaml";
  std::ofstream(path) << "state_dir: /tmp/x\nlabls: {a: b}\n";
  const StatusOr<config::v1::AgentConfig> config = ReadAgentConfig(path);
  EXPECT_EQ(config.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(MessageOf(config.status()).find("agent.yaml:2:1"), std::string::npos);
}

TEST(AgentConfig, NamesAProxyOrNone) {
  config::v1::AgentConfig config;
  ASSERT_TRUE(ProxyOf(config).ok());
  EXPECT_EQ(*ProxyOf(config), nullptr);
  config.set_proxy("http://proxy.example:3128");
  EXPECT_EQ((*ProxyOf(config))->address(), "proxy.example:3128");
  config.set_proxy_credentials_file("/no/such/file");
  EXPECT_EQ(ProxyOf(config).status().code(), StatusCode::kNotFound);
  config.clear_proxy();
  EXPECT_EQ(ProxyOf(config).status().code(), StatusCode::kInvalidArgument)
      << "credentials for nothing";
}

TEST(AgentConfig, ASessionNowAndThenIsSaidInALabel) {
  config::v1::AgentConfig config;
  config.mutable_session()->mutable_every()->set_seconds(900);
  ASSERT_TRUE(CompleteConfig("/", config).ok());
  EXPECT_EQ(config.labels().at("session-every"), "900");
  const SessionOptions options = SessionOptionsOf(config);
  EXPECT_EQ(options.every, absl::Minutes(15));
  EXPECT_EQ(options.open_for, absl::Seconds(10));
}

TEST(AgentConfig, RefusesASessionThatIsHardlyEverOpenOrForTooLong) {
  config::v1::AgentConfig config;
  config.mutable_session()->mutable_every()->set_seconds(30);
  EXPECT_EQ(CompleteConfig("/", config).code(), StatusCode::kInvalidArgument);
  config.mutable_session()->mutable_every()->set_seconds(900);
  config.mutable_session()->mutable_open_for()->set_seconds(301);
  EXPECT_EQ(CompleteConfig("/", config).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::agent
