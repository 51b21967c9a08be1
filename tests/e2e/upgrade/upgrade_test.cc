// The version before this one and this one in one fleet: agents and controllers of both, swapped on
// the state that they have.

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include "absl/strings/str_cat.h"

#include "controller/http/tcp_relay.h"
#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/previous.h"
#include "tests/e2e/support/steady_client.h"
#include "tests/support/postgres_cluster.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

enum class Version { kUnspecified = 0, kPrevious, kPresent };

// Its controller is of the version before until the test says otherwise.
class Upgrade : public FleetTest {
 protected:
  Upgrade() : Upgrade(PreviousPrograms(), "") {}
  Upgrade(const fs::path& previous, const std::string& more_config)
      : FleetTest(OptionsFor(previous, more_config)), previous_(previous) {}

  void SetUp() override {
    if (previous_.empty()) {
      GTEST_SKIP();
    }
    FleetTest::SetUp();
  }

  static SiteOptions OptionsFor(const fs::path& previous, const std::string& more_config) {
    SiteOptions options;
    options.programs = previous;
    options.more_config = more_config;
    options.more_rollout = "";  // the version before knows less
    return options;
  }

  std::string AgentOf(Version version) const {
    return version == Version::kPrevious ? (previous_ / "flotilla-agent").string() : "";
  }
  std::string AddressFor(const std::string& listener) const {
    const auto found = addresses_.find(listener);
    return found == addresses_.end() ? site_.Listener(listener) : found->second;
  }

  // Enrols a device whose agent is of this version.
  void Join(const std::string& name, Version version) {
    const auto added = site_.AddDevice(name);
    ASSERT_TRUE(added.ok()) << added.status();
    Device& device = **added;
    std::string config = FileText(device.config_file());
    for (const auto& [listener, address] : addresses_) {
      const std::string own = absl::StrCat(listener, "_address: ", site_.Listener(listener));
      const std::size_t at = config.find(own);
      if (at != std::string::npos) {
        config.replace(at, own.size(), absl::StrCat(listener, "_address: ", address));
      }
    }
    std::ofstream(device.config_file()) << config;
    device.set_program(AgentOf(version));
    Must(device.Start());
    EXPECT_TRUE(Eventually([&] {
      return site_.Run({"device", "get", name}).ok() &&
             fs::exists(device.state_dir() / "identity/device.pem");
    })) << device.Log();
    devices_[name] = &device;
  }
  // Its agent is of this version from now on, on the same state folder; what is installed serves
  // at once.
  void ReplaceAgent(const std::string& name, Version version) {
    Device& device = *devices_[name];
    const std::string answer = device.Ask(kLine, kQuestion);
    device.Stop();
    device.set_program(AgentOf(version));
    Must(device.Start());
    EXPECT_TRUE(Eventually([&] { return device.Ask(kLine, kQuestion) == answer; })) << device.Log();
  }
  // The present version on the state of the version before.
  void ReplaceController() {
    site_.controller().Signal(SIGTERM);
    EXPECT_EQ(site_.controller().Wait(absl::Seconds(60)).value_or(-1), 0) << site_.Logs();
    site_.UsePrograms("");
    Must(site_.StartController());
  }

  // A release goes to every device and succeeds there.
  void RollsOut(const std::string& version, const std::string& model) {
    Must(site_.Push(version, model, 40));
    Must(site_.RollOut(version, {{"all", 0}}));
    ASSERT_TRUE(Eventually([&] { return site_.RolloutState(version) == "COMPLETED"; }))
        << site_.RolloutState(version) << site_.WaveCounts(version);
    EXPECT_EQ(site_.WaveCounts(version), absl::StrCat(R"({"200":)", devices_.size(), "}"));
    for (const auto& [name, device] : devices_) {
      EXPECT_EQ(site_.Runs(name), version) << site_.Why(name);
      EXPECT_NE(device->Ask(kLine, kQuestion), "") << name;
    }
  }

  // First row of what the database says.
  virtual std::string Ask(const std::string& sql) const {
    return Sqlite(site_.state_dir() / "fleet.db", sql);
  }
  static std::string Sqlite(const fs::path& file, const std::string& sql) {
    const CommandResult result = RunCommand({"sqlite3", "-readonly", file.string(), sql}, {});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(0, result.out.find('\n'));
  }
  // Every report that an agent ever made is in the database, each once, and the agent knows it.
  void ExpectReportsOnce() {
    for (const auto& [name, device] : devices_) {
      const auto meta = [file = device->state_dir() / "agent.db"](const std::string& what) {
        return Sqlite(file, absl::StrCat("SELECT value FROM meta WHERE CAST(name AS TEXT) = '",
                                         what, "'"));  // the agent stores names as blobs
      };
      EXPECT_TRUE(Eventually([&] { return meta("acked_seq") == meta("last_seq"); })) << name;
      const std::string of = absl::StrCat(" FROM reports WHERE device_id = '", name, "'");
      const std::string last = meta("last_seq");
      EXPECT_GT(last, "0") << name;
      // What was acknowledged may lie in the journal of SQLite until the controller has been idle.
      EXPECT_TRUE(Eventually([&] { return Ask("SELECT MAX(seq)" + of) == last; })) << name;
      EXPECT_EQ(Ask("SELECT COUNT(*)" + of), last) << name;
      EXPECT_EQ(Ask("SELECT COUNT(DISTINCT boot_epoch)" + of), "1") << name;
    }
  }

  // The version before on a database that the present one has changed.
  void ExpectRefused(const CommandResult& result) const {
    EXPECT_NE(result.exit_code, 0);
    EXPECT_NE(result.err.find("the database has schema"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("'511'"), std::string::npos) << "STORAGE_SCHEMA: " << result.err;
  }

  const fs::path previous_;
  // Where agents find the listeners of these names; the others: where the site says.
  std::map<std::string, std::string> addresses_;
};

TEST_F(Upgrade, OfTheControllerFirstLosesNothingAndThereIsNoWayBack) {
  ASSERT_NO_FATAL_FAILURE(Join("first", Version::kPrevious));
  ASSERT_NO_FATAL_FAILURE(Join("second", Version::kPrevious));
  ASSERT_NO_FATAL_FAILURE(RollsOut("1.0.0", kModelV1));
  SteadyClient client(devices_["first"]->Url());
  ASSERT_TRUE(Eventually([&] { return client.answered() > 20; }));
  ASSERT_NO_FATAL_FAILURE(ReplaceController());
  const int then = client.answered();
  EXPECT_TRUE(Eventually([&] { return client.answered() > then + 20; }));
  client.Stop();
  EXPECT_EQ(client.failures(), std::vector<std::string>());

  ASSERT_NO_FATAL_FAILURE(Join("late", Version::kPrevious));
  site_.UsePrograms(previous_);  // people still have the fleetctl of the version before
  ASSERT_NO_FATAL_FAILURE(RollsOut("2.0.0", kModelV2));
  site_.UsePrograms("");
  ASSERT_NO_FATAL_FAILURE(ReplaceAgent("first", Version::kPresent));
  ASSERT_NO_FATAL_FAILURE(RollsOut("2.1.0", kModelV2Small));
  ExpectReportsOnce();

  site_.KillController();
  ExpectRefused(RunCommand({(previous_ / "flotilla-controller").string(), "run", "--config",
                            site_.controller_config().string()},
                           {}));
  Must(site_.StartController());
  EXPECT_EQ(site_.Fleetctl({"audit", "verify"}).exit_code, 0);
  ExpectReportsOnce();
}

TEST_F(Upgrade, OfTheAgentsFirstLosesNothingAndGoesBack) {
  ASSERT_NO_FATAL_FAILURE(Join("first", Version::kPrevious));
  ASSERT_NO_FATAL_FAILURE(RollsOut("1.0.0", kModelV1));
  ASSERT_NO_FATAL_FAILURE(ReplaceAgent("first", Version::kPresent));
  ASSERT_NO_FATAL_FAILURE(Join("new", Version::kPresent));
  ASSERT_NO_FATAL_FAILURE(RollsOut("2.0.0", kModelV2));
  ExpectReportsOnce();
  ASSERT_NO_FATAL_FAILURE(ReplaceController());
  ASSERT_NO_FATAL_FAILURE(RollsOut("2.1.0", kModelV2Small));
  ASSERT_NO_FATAL_FAILURE(ReplaceAgent("first", Version::kPrevious));
  ASSERT_NO_FATAL_FAILURE(RollsOut("2.2.0", kModelV2));
  ExpectReportsOnce();
}

// Two people say that no device answers with 2.0.0 any more; devices have 1.0.0 from before.
void RevokeSecond(const Site& site, const std::string& serve) {
  const auto file = [&site](const char* name) { return (site.folder() / name).string(); };
  const std::vector<Command> commands = {
      {"operator", "request", "--key", file("bob.key"), "--out", file("bob.csr")},
      {"operator", "add", "bob", "--role", "operator", "--csr", file("bob.csr"), "--out",
       file("bob.crt")},
      {"context", "set", "bob", "--operator", site.Loopback("operator"), "--dashboard",
       site.Loopback("dashboard"), "--ca", (site.state_dir() / "operator/ca.crt").string(),
       "--cert", file("bob.crt"), "--key", file("bob.key")},
      {"release", "revoke", kLine, "2.0.0", "--serve", serve, "--reason", "wrong valve", "--yes"},
      {"release", "approve-revocation", kLine, "2.0.0", "--yes", "--context", "bob"}};
  for (const Command& command : commands) {
    ASSERT_EQ(OkStatus(), site.Run(command));
  }
}

TEST_F(Upgrade, TakesARevokedReleaseFromAnOldAgentByAnUpdateAndSaysThatItHasNotStopped) {
  ASSERT_NO_FATAL_FAILURE(Join("before", Version::kPrevious));
  ASSERT_NO_FATAL_FAILURE(Join("present", Version::kPresent));
  ASSERT_NO_FATAL_FAILURE(RollsOut("1.0.0", kModelV1));
  ASSERT_NO_FATAL_FAILURE(ReplaceController());
  ASSERT_NO_FATAL_FAILURE(RollsOut("2.0.0", kModelV2));
  ASSERT_NO_FATAL_FAILURE(RevokeSecond(site_, "previous"));
  for (const auto& [name, device] : devices_) {
    EXPECT_TRUE(Eventually([&, n = name] { return site_.Runs(n) == "1.0.0"; }))
        << site_.Why(name) << device->Log();
  }
  const auto status = [this] {
    return site_.Fleetctl({"release", "revocation", kLine, "2.0.0"}).out;
  };
  EXPECT_TRUE(Eventually([&] {
    return status().find("1 devices have stopped; 1 online and 0 offline devices have not") !=
           std::string::npos;
  })) << status();
  ASSERT_NO_FATAL_FAILURE(ReplaceAgent("before", Version::kPresent));
  EXPECT_TRUE(Eventually([&] {
    return status().find("2 devices have stopped; 0 online and 0 offline") != std::string::npos;
  })) << status();
  ExpectReportsOnce();
}

// The present version is one of several replicas, on the database and in the folder of the version
// before.
class UpgradeOfReplicas : public Upgrade {
 protected:
  UpgradeOfReplicas() : UpgradeOfReplicas(PreviousPrograms()) {}
  explicit UpgradeOfReplicas(const fs::path& previous)
      : UpgradeOfReplicas(previous, previous.empty() ? nullptr : PostgresCluster::OfProgram()) {}
  UpgradeOfReplicas(const fs::path& previous, PostgresCluster* cluster)
      : UpgradeOfReplicas(previous, cluster, cluster == nullptr ? "" : cluster->NewDatabase()) {}
  UpgradeOfReplicas(const fs::path& previous, PostgresCluster* cluster, const std::string& database)
      : Upgrade(previous, cluster == nullptr
                              ? ""
                              : absl::StrCat("store: \"", cluster->Address(database), "\"\n")),
        cluster_(cluster),
        database_(database) {}

  void SetUp() override {
    if (!previous_.empty() && cluster_ == nullptr) {
      GTEST_SKIP() << "LEFT OUT: PostgreSQL";
    }
    Upgrade::SetUp();
    if (!IsSkipped()) {
      Balance();
    }
  }
  void TearDown() override {
    balancer_.reset();
    if (HasFailure()) {
      const std::string text = FileText(ReplicaLog());
      std::printf("--- r1\n%s\n",
                  text.substr(text.size() - std::min<std::size_t>(text.size(), 6000)).c_str());
    }
    FleetTest::TearDown();
  }

  std::string Ask(const std::string& sql) const override { return cluster_->Run(database_, sql); }
  fs::path ReplicaLog() const { return site_.folder() / "r1.log"; }

  // One address for both, which leads to the one that serves.
  void Balance() {
    std::vector<http::RelayedListener> listeners;
    for (const std::string name : {"device", "enrolment"}) {
      listeners.push_back({"127.0.0.1", 0, [this, name] {
                             const std::scoped_lock lock(mutex_);
                             return serving_[name];
                           }});
    }
    LeadTo("listeners.json");
    auto balancer = http::TcpRelay::Start(listeners);
    ASSERT_TRUE(balancer.ok()) << balancer.status();
    balancer_ = *std::move(balancer);
    addresses_["device"] = absl::StrCat("127.0.0.1:", balancer_->ports().at(0));
    addresses_["enrolment"] = absl::StrCat("127.0.0.1:", balancer_->ports().at(1));
  }
  // To the listeners in this file of the state folder.
  std::map<std::string, std::string> LeadTo(const std::string& file) {
    std::map<std::string, std::string> found;
    boost::system::error_code error;
    const boost::json::value all = boost::json::parse(FileText(site_.state_dir() / file), error);
    EXPECT_TRUE(!error && all.is_object()) << file;
    for (const auto& [name, address] : all.as_object()) {
      found[name] = std::string(address.as_string());
    }
    const std::scoped_lock lock(mutex_);
    serving_ = found;
    return found;
  }
  void StartReplica() {
    const fs::path config = site_.folder() / "r1.yaml";
    std::ofstream(config) << FileText(site_.controller_config())
                          << "replica: {name: r1, listen: \"127.0.0.1:0\"}\n";
    auto started = Process::Start(
        {Program("flotilla-controller"), "run", "--config", config.string()}, ReplicaLog());
    ASSERT_TRUE(started.ok()) << started.status();
    replica_ = *std::move(started);
    ASSERT_TRUE(Eventually([&] { return Says("controller.ready"); })) << FileText(ReplicaLog());
  }
  bool Says(const std::string& event) const {
    return FileText(ReplicaLog()).find(event) != std::string::npos;
  }
  // Devices and operators are at the replica, which leads.
  void GoOverToReplica() {
    ASSERT_TRUE(Eventually([&] { return Says("replica.leads"); })) << FileText(ReplicaLog());
    const auto listeners = LeadTo("listeners-r1.json");
    site_.UsePrograms("");
    Must(site_.Run({"context", "set", "test", "--from", (site_.state_dir() / "operator").string(),
                    "--operator", listeners.at("operator"), "--dashboard",
                    listeners.at("dashboard")}));
    ASSERT_TRUE(Eventually([&] { return site_.Run({"device", "list"}).ok(); }));
  }

  PostgresCluster* const cluster_;
  const std::string database_;
  std::mutex mutex_;
  std::map<std::string, std::string> serving_;  // under mutex_
  std::unique_ptr<http::TcpRelay> balancer_;
  std::unique_ptr<Process> replica_;
};

TEST_F(UpgradeOfReplicas, BeginBesideAControllerOfTheVersionBeforeAndTakeOverWhenItEnds) {
  ASSERT_NO_FATAL_FAILURE(Join("old", Version::kPrevious));
  ASSERT_NO_FATAL_FAILURE(Join("new", Version::kPresent));
  const std::string schema = "SELECT MAX(version) FROM schema_version";
  const std::string before = Ask(schema);
  ASSERT_NO_FATAL_FAILURE(StartReplica());
  ASSERT_NO_FATAL_FAILURE(RollsOut("1.0.0", kModelV1));
  EXPECT_FALSE(Says("replica.leads"));
  EXPECT_EQ(Ask(schema), before) << "who does not lead changes nothing";

  site_.KillController();
  ASSERT_NO_FATAL_FAILURE(GoOverToReplica());
  EXPECT_NE(Ask(schema), before);
  ASSERT_NO_FATAL_FAILURE(RollsOut("2.0.0", kModelV2));
  ExpectReportsOnce();

  // The version before stands by, harmless, and never takes over.
  const fs::path log = site_.folder() / "before.log";
  auto old = Process::Start({(previous_ / "flotilla-controller").string(), "run", "--config",
                             site_.controller_config().string()},
                            log);
  ASSERT_TRUE(old.ok()) << old.status();
  ASSERT_TRUE(Eventually([&] {
    return FileText(log).find("controller.waits_for_store") != std::string::npos;
  })) << FileText(log);
  ASSERT_NO_FATAL_FAILURE(RollsOut("2.1.0", kModelV2Small));
  replica_.reset();
  const int code = (*old)->Wait(absl::Seconds(60)).value_or(-1);
  ExpectRefused({code, "", FileText(log)});
  fs::remove(ReplicaLog());
  ASSERT_NO_FATAL_FAILURE(StartReplica());
  ASSERT_NO_FATAL_FAILURE(GoOverToReplica());
  ASSERT_NO_FATAL_FAILURE(RollsOut("2.2.0", kModelV2));
  ExpectReportsOnce();
}

}  // namespace
}  // namespace flotilla::e2e
