// A device in a network whose only way out is an HTTP proxy, which alone can look up the names of
// the fleet.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/e2e/support/fleet_test.h"
#include "tests/support/connect_proxy.h"

namespace flotilla::e2e {
namespace {

constexpr char kCredentials[] = "device:p@ss:word";
constexpr char kAuthorization[] = "Basic ZGV2aWNlOnBAc3M6d29yZA==";
// Not one of them is known to a name server: RFC 6761, section 6.2.
constexpr char kNames[] =
    "files.fleet.test, enrol.fleet.test, session.fleet.test, operator.fleet.test, "
    "dashboard.fleet.test, ";

SiteOptions ManyNames() {
  SiteOptions options;
  options.host_names = kNames;
  return options;
}

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

class BehindAProxy : public FleetTest {
 protected:
  BehindAProxy() : FleetTest(ManyNames()) {}

  void SetUp() override {
    FleetTest::SetUp();
    proxy_.Know("enrol.fleet.test:443", PortOf("enrolment"));
    proxy_.Know("session.fleet.test:443", PortOf("device"));
    proxy_.Know(Files(), PortOf("artifact"));
    proxy_.Demand(kAuthorization);
  }

  std::uint16_t PortOf(const std::string& listener) const {
    const std::string address = site_.Listener(listener);
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  // The controller names the port itself.
  std::string Files() const { return "files.fleet.test:" + std::to_string(PortOf("artifact")); }

  // A device that was given names, the proxy and the password for it.
  void StartDevice() {
    device_ = site_.AddBareDevice("pump-01");
    const auto credentials = site_.folder() / "proxy-credentials";
    std::ofstream(credentials) << kCredentials << "\n";
    std::filesystem::permissions(credentials, std::filesystem::perms::owner_read);
    const auto token = site_.CreateToken({"--uses", "1"});
    ASSERT_TRUE(token.ok()) << token.status();
    site_.WriteAgentConfig(
        *device_, *token,
        "proxy: " + proxy_.url() + "\nproxy_credentials_file: " + credentials.string() + "\n");
    std::string config = FileText(device_->config_file());
    config = Replaced(config, "enrolment_address: " + site_.Listener("enrolment"),
                      "enrolment_address: enrol.fleet.test:443");
    config = Replaced(config, "device_address: " + site_.Listener("device"),
                      "device_address: session.fleet.test:443");
    std::ofstream(device_->config_file()) << config;
    // What the environment says is not asked.
    device_->set_environment({"no_proxy=*", "https_proxy=http://127.0.0.1:1"});
    Must(device_->Start());
  }
  void RunsOn(const std::string& version) {
    Must(site_.RollOut(version, {{"all", 0}}));
    EXPECT_TRUE(Eventually([&] { return site_.RolloutState(version) == "COMPLETED"; }))
        << site_.RolloutState(version) << site_.Why("pump-01");
    EXPECT_EQ(site_.Runs("pump-01"), version);
  }
  bool Logs(const std::string& text) const {
    return Eventually([&] { return device_->Log().find(text) != std::string::npos; });
  }

  ConnectProxy proxy_;
  Device* device_ = nullptr;
};

TEST_F(BehindAProxy, DeviceEnrolsTalksAndUpdatesThroughItAlone) {
  ASSERT_NO_FATAL_FAILURE(StartDevice());
  ASSERT_TRUE(Eventually([&] {
    return site_.Run({"device", "get", "pump-01"}).ok();
  })) << device_->Log();
  Must(site_.Push("1.0.0", kModelV1, 40));
  RunsOn("1.0.0");
  EXPECT_TRUE(Eventually([&] { return !device_->Ask(kLine, kQuestion).empty(); }));

  std::set<std::string> targets;
  for (const ConnectProxy::Tunnel& tunnel : proxy_.tunnels()) {
    targets.insert(tunnel.target);
    EXPECT_TRUE(tunnel.greeting.starts_with("\x16\x03")) << tunnel.target << ": a record of TLS";
    const std::string name = tunnel.target.substr(0, tunnel.target.find(':'));
    EXPECT_NE(tunnel.greeting.find(name), std::string::npos) << tunnel.target << ": its name in it";
  }
  EXPECT_EQ(targets,
            (std::set<std::string>{"enrol.fleet.test:443", "session.fleet.test:443", Files()}));
  EXPECT_EQ(proxy_.refusals(), std::vector<std::string>());
  EXPECT_EQ(device_->Log().find("p@ss"), std::string::npos) << "the password is in no log";
}

TEST_F(BehindAProxy, DeviceServesOnWhenItRefusesOrIsAwayAndSaysWhatToDo) {
  ASSERT_NO_FATAL_FAILURE(StartDevice());
  ASSERT_TRUE(Eventually([&] { return site_.Run({"device", "get", "pump-01"}).ok(); }));
  Must(site_.Push("1.0.0", kModelV1, 40));
  RunsOn("1.0.0");
  const std::string address = proxy_.url().substr(7);

  proxy_.Refuse(407);
  EXPECT_TRUE(Logs(address + " answered 407 when asked for session.fleet.test:443: it does not "
                             "take what proxy_credentials_file says"))
      << device_->Log();
  EXPECT_NE(device_->Ask(kLine, kQuestion), "");
  proxy_.Refuse(403);
  EXPECT_TRUE(Logs("answered 403 when asked for session.fleet.test:443: have it allow CONNECT"))
      << device_->Log();
  proxy_.Refuse(0);
  proxy_.GoAway();
  EXPECT_TRUE(Logs("the proxy " + address + " does not answer")) << device_->Log();
  EXPECT_NE(device_->Log().find(R"("reason":"102")"), std::string::npos) << device_->Log();
  EXPECT_NE(device_->Ask(kLine, kQuestion), "");

  proxy_.ComeBack();
  Must(site_.Push("2.0.0", kModelV2, 60));
  RunsOn("2.0.0");
  EXPECT_EQ(device_->Ask(kLine, kQuestion).substr(0, 11), "Overheating");
}

TEST_F(BehindAProxy, OperatorsProgramTakesTheProxyOfItsEnvironment) {
  proxy_.Know("operator.fleet.test:443", PortOf("operator"));
  proxy_.Know("dashboard.fleet.test:443", PortOf("dashboard"));
  proxy_.Demand("");
  Must(site_.Run({"context", "set", "far", "--from", (site_.state_dir() / "operator").string(),
                  "--operator", "operator.fleet.test:443", "--dashboard",
                  "dashboard.fleet.test:443"}));
  const auto fleetctl = [this](Command words, const Environment& more) {
    words.insert(words.begin(), Program("fleetctl"));
    words.insert(words.end(), {"--context", "far"});
    Environment environment = {"FLOTILLA_CONTEXT_FILE=" +
                               (site_.folder() / "contexts.yaml").string()};
    environment.insert(environment.end(), more.begin(), more.end());
    return RunCommand(words, environment);
  };
  const Environment through = {"https_proxy=" + proxy_.url(), "no_proxy="};
  const Command push = {"release",
                        "push",
                        "--line",
                        kLine,
                        "--version",
                        "1.0.0",
                        "--key",
                        site_.Key("models").string(),
                        "--golden",
                        Demo("golden.jsonl").string(),
                        "--floor",
                        "40",
                        Demo(kModelV1).string()};
  EXPECT_NE(fleetctl({"device", "list"}, {"no_proxy=*"}).exit_code, 0) << "there is no other way";
  const CommandResult pushed = fleetctl(push, through);
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  std::set<std::string> targets;
  for (const ConnectProxy::Tunnel& tunnel : proxy_.tunnels()) {
    targets.insert(tunnel.target);
  }
  EXPECT_EQ(targets,
            (std::set<std::string>{"operator.fleet.test:443", "dashboard.fleet.test:443"}));
}

}  // namespace
}  // namespace flotilla::e2e
