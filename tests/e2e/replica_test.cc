// Three controllers on one PostgreSQL, devices at any of them: one is killed, the database is.

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include "absl/strings/str_cat.h"

#include "controller/http/tcp_relay.h"
#include "tests/e2e/support/fleet_test.h"
#include "tests/support/postgres_cluster.h"

namespace flotilla::e2e {
namespace {

constexpr std::size_t kReplicas = 3;
constexpr int kDevices = 90;

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

int CountOf(const std::string& text, const std::string& what) {
  int count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

// "r1" is the site's own controller.
class Replicas : public FleetTest {
 protected:
  Replicas() : Replicas(PostgresCluster::OfProgram()) {}
  explicit Replicas(PostgresCluster* cluster)
      : Replicas(cluster, cluster == nullptr ? "" : cluster->NewDatabase()) {}
  Replicas(PostgresCluster* cluster, const std::string& database)
      : FleetTest(OptionsFor(cluster, database)), cluster_(cluster), database_(database) {}

  void SetUp() override {
    if (cluster_ == nullptr) {
      GTEST_SKIP() << "LEFT OUT: PostgreSQL";
    }
    FleetTest::SetUp();
    up_[0] = true;
    for (std::size_t i = 1; i < kReplicas; ++i) {
      ASSERT_NO_FATAL_FAILURE(StartReplica(i));
    }
    ASSERT_NO_FATAL_FAILURE(Balance());
    Must(site_.Run({"context", "set", "test", "--from", (site_.state_dir() / "operator").string(),
                    "--operator", balanced_["operator"], "--dashboard", balanced_["dashboard"]}));
    Must(site_.Run({"device", "list"}));
  }

  void TearDown() override {
    balancer_.reset();
    if (HasFailure()) {
      for (std::size_t i = 1; i < kReplicas; ++i) {
        const std::string text = FileText(LogOf(i));
        std::printf("--- r%zu\n%s\n", i + 1,
                    text.substr(text.size() - std::min<std::size_t>(text.size(), 6000)).c_str());
      }
    }
    FleetTest::TearDown();
  }

  static SiteOptions OptionsFor(const PostgresCluster* cluster, const std::string& database) {
    SiteOptions options;
    options.heartbeat = absl::Seconds(5);
    if (cluster != nullptr) {
      options.more_config =
          absl::StrCat("store: \"", cluster->Address(database),
                       "\"\nreplica: {name: r1, listen: \"127.0.0.1:0\"}\nadmission: "
                       "{new_per_source_per_second: 1000}\n");
    }
    return options;
  }

  std::filesystem::path LogOf(std::size_t i) const {
    return site_.folder() / absl::StrCat("r", i + 1, ".log");
  }

  // Its own listener, "127.0.0.1:PORT"; empty: it has none yet.
  std::string ListenerOf(std::size_t i, const std::string& name) const {
    boost::system::error_code error;
    const boost::json::value listeners = boost::json::parse(
        FileText(site_.state_dir() / absl::StrCat("listeners-r", i + 1, ".json")), error);
    const boost::json::value* found =
        error ? nullptr : listeners.find_pointer(absl::StrCat("/", name), error);
    return found == nullptr ? "" : std::string(found->as_string());
  }

  void StartReplica(std::size_t i) {
    if (i == 0) {
      Must(site_.StartController());
    } else {
      const auto config = site_.folder() / absl::StrCat("r", i + 1, ".yaml");
      std::ofstream(config) << Replaced(FileText(site_.folder() / "controller.yaml"), "name: r1",
                                        absl::StrCat("name: r", i + 1));
      auto started = Process::Start(
          {Program("flotilla-controller"), "run", "--config", config.string()}, LogOf(i));
      ASSERT_TRUE(started.ok()) << started.status();
      others_[i] = *std::move(started);
      ASSERT_TRUE(Eventually([&] {
        return CountOf(FileText(LogOf(i)), "controller.ready") > ready_[i];
      })) << FileText(LogOf(i));
      ++ready_[i];
    }
    up_[i] = true;
  }

  // SIGKILL.
  void KillReplica(std::size_t i) {
    up_[i] = false;
    if (i == 0) {
      site_.KillController();
    } else {
      others_[i].reset();
    }
  }

  // Index of the replica that leads.
  std::size_t LeaderIndex() const {
    const std::string name = cluster_->Run(database_, "SELECT name FROM leaders");
    return name.size() == 2 ? static_cast<std::size_t>(name[1] - '1') : kReplicas;
  }
  std::uint64_t Epoch() const {
    return std::stoull(cluster_->Run(database_, "SELECT epoch FROM leaders"));
  }

  // One address for all replicas, as a load balancer gives it.
  void Balance() {
    std::vector<http::RelayedListener> listeners;
    const std::vector<std::string> names = {"device", "enrolment", "operator", "dashboard"};
    for (const std::string& name : names) {
      std::array<std::string, kReplicas> addresses;
      for (std::size_t i = 0; i < kReplicas; ++i) {
        addresses[i] = ListenerOf(i, name);
        ASSERT_NE(addresses[i], "") << name << " of r" << i + 1;
      }
      listeners.push_back({"127.0.0.1", 0, [this, addresses] {
                             std::size_t i = next_++ % kReplicas;
                             for (std::size_t tries = 0; !up_[i] && tries < kReplicas; ++tries) {
                               i = (i + 1) % kReplicas;
                             }
                             return addresses[i];
                           }});
    }
    auto balancer = http::TcpRelay::Start(listeners);
    ASSERT_TRUE(balancer.ok()) << balancer.status();
    balancer_ = *std::move(balancer);
    for (std::size_t i = 0; i < names.size(); ++i) {
      balanced_[names[i]] = absl::StrCat("127.0.0.1:", balancer_->ports().at(i));
    }
  }

  void StartSwarm() {
    const auto token = site_.CreateToken({"--uses", "1000"});
    ASSERT_TRUE(token.ok()) << token.status();
    const Command words = {Program("flotilla-swarm"),
                           "--devices",
                           absl::StrCat(kDevices),
                           "--controller",
                           balanced_["device"],
                           "--enrolment",
                           balanced_["enrolment"],
                           "--token",
                           *token,
                           "--state",
                           (site_.folder() / "swarm").string(),
                           "--ramp",
                           "2",
                           "--accept-delay",
                           "0.3",
                           "--step-delay",
                           "0.2",
                           "--operator",
                           balanced_["operator"],
                           "--operator-dir",
                           (site_.state_dir() / "operator").string(),
                           "--report",
                           "json"};
    auto started = Process::Start(words, SwarmLog());
    ASSERT_TRUE(started.ok()) << started.status();
    swarm_ = *std::move(started);
    ASSERT_TRUE(Eventually([&] { return FileText(SwarmLog()).find("all up") != std::string::npos; },
                           absl::Seconds(120)))
        << FileText(SwarmLog());
  }

  void BeginRollout() {
    Must(site_.Push("1.0.0", kModelV1, 40));
    Must(site_.RollOut("1.0.0", {{"canary", 15}, {"early", 30}, {"rest", 0}}));
    ASSERT_TRUE(Eventually([&] {
      return site_.WaveCounts("1.0.0").find(R"("200":15)") != std::string::npos;
    })) << site_.WaveCounts("1.0.0");
  }

  // The rollout ends, and every report of the swarm is there once.
  void ExpectEverythingOnce() {
    ASSERT_TRUE(
        Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }, absl::Seconds(240)))
        << site_.RolloutState("1.0.0") << " " << site_.WaveCounts("1.0.0");
    EXPECT_EQ(site_.WaveCounts("1.0.0"), R"({"200":15} {"200":30} {"200":45})");
    swarm_->Signal(SIGTERM);
    EXPECT_EQ(swarm_->Wait(absl::Seconds(90)).value_or(-1), 0) << FileText(SwarmLog());
    const std::string text = FileText(SwarmLog());
    const std::size_t start = text.rfind("\n{");
    boost::system::error_code error;
    report_ = boost::json::parse(start == std::string::npos ? text : text.substr(start + 1), error);
    EXPECT_EQ(Number("/reports_made"), 8 * kDevices);
    EXPECT_EQ(Number("/reports_waiting"), 0);
    EXPECT_EQ(Number("/ledger/checked"), 8 * kDevices);
    EXPECT_EQ(Number("/ledger/lost"), 0);
    EXPECT_EQ(Number("/ledger/doubled"), 0);
    EXPECT_EQ(Number("/ledger/altered"), 0);
    std::printf("swarm: %s\n", text.substr(start + 1).c_str());
  }

  std::int64_t Number(const std::string& pointer) const {
    boost::system::error_code error;
    const boost::json::value* found = report_.find_pointer(pointer, error);
    return found == nullptr || !found->is_number() ? -1 : found->to_number<std::int64_t>(error);
  }

  std::filesystem::path SwarmLog() const { return site_.folder() / "swarm.log"; }

  PostgresCluster* const cluster_;
  const std::string database_;
  std::array<std::unique_ptr<Process>, kReplicas> others_;
  std::array<int, kReplicas> ready_ = {};
  std::array<std::atomic<bool>, kReplicas> up_ = {};
  std::atomic<std::size_t> next_ = 0;
  std::unique_ptr<http::TcpRelay> balancer_;
  std::map<std::string, std::string> balanced_;
  std::unique_ptr<Process> swarm_;
  boost::json::value report_;
};

TEST_F(Replicas, LoseNoReportWhenTheLeaderIsKilledInAWave) {
  ASSERT_NO_FATAL_FAILURE(StartSwarm());
  ASSERT_NO_FATAL_FAILURE(BeginRollout());
  const std::uint64_t epoch = Epoch();
  const std::size_t leader = LeaderIndex();
  ASSERT_LT(leader, kReplicas);
  KillReplica(leader);
  ASSERT_NO_FATAL_FAILURE(ExpectEverythingOnce());
  EXPECT_EQ(Epoch(), epoch + 1);
  EXPECT_NE(LeaderIndex(), leader);
  EXPECT_LT(Number("/sessions"), 2 * kDevices) << "of the other replicas' devices none came anew";
}

TEST_F(Replicas, LoseNoReportWhenAFrontIsKilledInAWave) {
  ASSERT_NO_FATAL_FAILURE(StartSwarm());
  ASSERT_NO_FATAL_FAILURE(BeginRollout());
  const std::uint64_t epoch = Epoch();
  KillReplica((LeaderIndex() + 1) % kReplicas);
  ASSERT_NO_FATAL_FAILURE(ExpectEverythingOnce());
  EXPECT_EQ(Epoch(), epoch);
}

TEST_F(Replicas, LoseNoReportWhenTheDatabaseRestartsInAWave) {
  ASSERT_NO_FATAL_FAILURE(StartSwarm());
  ASSERT_NO_FATAL_FAILURE(BeginRollout());
  cluster_->Crash();
  ASSERT_EQ(cluster_->Boot(), OkStatus());
  ASSERT_NO_FATAL_FAILURE(ExpectEverythingOnce());
  EXPECT_EQ(Number("/sessions"), kDevices) << "no session ended";
}

TEST_F(Replicas, KeepSessionsAndModelsThroughAChangeOfTheLeader) {
  const std::size_t leader = LeaderIndex();
  const std::size_t front = (leader + 1) % kReplicas;
  const auto added = site_.AddDevice("pump-01");
  ASSERT_TRUE(added.ok()) << added.status();
  Device& device = **added;
  std::string config = FileText(device.config_file());
  for (const char* name : {"device", "enrolment"}) {
    config = Replaced(config, absl::StrCat(name, "_address: ", site_.Listener(name)),
                      absl::StrCat(name, "_address: ", ListenerOf(front, name)));
  }
  std::ofstream(device.config_file()) << config;
  Must(device.Start());
  Must(site_.Push("1.0.0", kModelV1, 40));
  ASSERT_TRUE(Eventually([&] { return site_.Run({"device", "get", "pump-01"}).ok(); }));
  Must(site_.RollOut("1.0.0", {{"all", 0}}));
  ASSERT_TRUE(Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }))
      << site_.RolloutState("1.0.0");
  ASSERT_TRUE(Eventually([&] { return !device.Ask(kLine, kQuestion).empty(); }));

  KillReplica(leader);
  EXPECT_NE(device.Ask(kLine, kQuestion), "") << "nothing that runs depends on a controller";
  ASSERT_TRUE(Eventually([&] { return site_.Push("2.0.0", kModelV2, 40).ok(); }));
  Must(site_.RollOut("2.0.0", {{"all", 0}}));
  EXPECT_TRUE(Eventually([&] { return site_.RolloutState("2.0.0") == "COMPLETED"; }))
      << site_.RolloutState("2.0.0");
  EXPECT_EQ(site_.Runs("pump-01"), "2.0.0");
  EXPECT_EQ(CountOf(device.Log(), "session.down"), 0) << device.Log();

  ASSERT_NO_FATAL_FAILURE(StartReplica(leader));
  EXPECT_NE(LeaderIndex(), leader) << "it comes back as a front";
}

}  // namespace
}  // namespace flotilla::e2e
