// The real program as a second party: set up by its own commands, driven by a leader over mutual
// TLS, killed where it hurts.

#include <signal.h>

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/os_clock.h"
#include "security/public_key.h"
#include "telemetry/aggregator/app/listener_file.h"
#include "telemetry/dap/admission.h"
#include "telemetry/dap/aggregate_share.h"
#include "tests/e2e/support/process.h"
#include "tests/integration/aggregator/leader_side.h"
#include "tests/support/temp_dir.h"

namespace flotilla::telemetry {
namespace {

constexpr char kProgram[] = FLOTILLA_AGGREGATOR_BINARY;
constexpr std::size_t kDevices = 120;
constexpr std::size_t kGood = 100;  // vote for bucket 0, the others for 3
constexpr std::uint32_t kGoodBucket = 0;
constexpr std::uint32_t kBadBucket = 3;
// Two draws of discrete Laplace noise of scale 2 exceed it together once in 10^7 counts.
constexpr double kNoise = 40;

class AggregatorProcessTest : public testing::Test {
 protected:
  AggregatorProcessTest() : reporters_(kDevices) {
    std::ofstream(config_) << "state_dir: " << layout_.state_dir.string()
                           << "\nlisten: \"127.0.0.1:0\"\nallow_demo: true\n";
    std::ofstream(folder_.path() / "keys") << reporters_.Lines();
    Do({"init"});
    Do({"device", "add", (folder_.path() / "keys").string()});
    Do({"leader", "--out", (folder_.path() / "out").string()});
    Start();
  }

  // Runs a subcommand to its end; what it prints.
  std::string Do(e2e::Command words) {
    words.insert(words.begin(), kProgram);
    words.insert(words.end(), {"--config", config_.string()});
    const e2e::CommandResult result = e2e::RunCommand(words, {});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }
  void Start() {
    auto started = e2e::Process::Start({kProgram, "run", "--config", config_.string()},
                                       folder_.path() / "log");
    ASSERT_TRUE(started.ok()) << started.status();
    process_ = *std::move(started);
    ASSERT_TRUE(e2e::WaitUntil(absl::Seconds(30), [this] {
      return ReadListenerPort(layout_) != 0;
    })) << Log();
  }
  void KillAndStart() {
    process_->Kill();
    Start();
  }
  std::string Address() const { return "localhost:" + std::to_string(ReadListenerPort(layout_)); }
  HelperLink Link() const { return {Address(), ReadCredential(folder_.path() / "out")}; }
  std::string Log() const { return e2e::FileText(folder_.path() / "log"); }

  // What a device would seal for, with the identity that the owner pinned there.
  dap::HpkeConfig HelperKey() {
    const auto identity = *security::PublicKey::FromPem(Do({"identity"}));
    const auto keys = Link().Keys();
    EXPECT_TRUE(keys.ok()) << keys.status() << Log();
    const auto configs = *dap::SignedHpkeConfigs::Decode(AsBytes(keys->hpke_configs()));
    return *dap::VerifyHpkeConfigs(configs, dap::Role::kHelper, identity, clock_.Now());
  }
  void WaitUntil(Time time) {
    ASSERT_TRUE(e2e::WaitUntil(absl::Seconds(60), [&] { return clock_.Now() >= time; }));
  }
  // The sum before noise, of both stores.
  std::vector<std::int64_t> TrueSum() {
    const auto helper = *SqliteAggregatorStore::Open(layout_.database());
    const dap::Task& task = reporters_.task();
    return *task.prio3().Unshard(std::vector<Bytes>{
        dap::LoadBucket(task, reporters_.window(), reporters_.store())->aggregate,
        dap::LoadBucket(task, reporters_.window(), *helper)->aggregate});
  }

  TempDir folder_;
  OsClock clock_;
  const std::filesystem::path config_ = folder_.path() / "aggregator.yaml";
  const StateLayout layout_{folder_.path() / "state"};
  Reporters reporters_;
  std::unique_ptr<e2e::Process> process_;
};

TEST_F(AggregatorProcessTest, AJobThroughKillsGivesTheRightSumOnceAndTheSameBytesAlways) {
  const dap::HpkeConfig key = HelperKey();
  const StoredTask stored = reporters_.Begin(DemoTask(Address(), clock_.Now()));
  const auto put = Link().Put(stored);
  ASSERT_TRUE(put.ok()) << put.status() << Log();
  dap::Leader& leader = reporters_.leader();
  const dap::Task& task = reporters_.task();
  const std::vector<Bytes> good = reporters_.Reports(0, kGood, key, kGoodBucket);
  const std::vector<Bytes> bad = reporters_.Reports(kGood, kDevices, key, kBadBucket);
  WaitUntil(task.StartOf(reporters_.window()));

  // Killed after the answer.
  const dap::LeaderJob first = *leader.Start(bad, clock_.Now());
  const auto answer = Link().Job(task.id(), first.request);
  ASSERT_TRUE(answer.ok()) << answer.status() << Log();
  KillAndStart();
  EXPECT_EQ(*Link().Job(task.id(), first.request), *answer);
  EXPECT_EQ(leader.Finish(first, *answer)->accepted, kDevices - kGood);

  // Killed somewhere in the middle, again and again, until it is let live.
  const dap::LeaderJob second = *leader.Start(good, clock_.Now());
  for (const int delay_ms : {0, 10, 25, 40}) {
    std::thread call([&] { (void)Link().Job(task.id(), second.request); });
    e2e::WaitUntil(absl::Milliseconds(delay_ms), [] { return false; });
    process_->Kill();
    Start();
    call.join();
  }
  const auto second_answer = Link().Job(task.id(), second.request);
  ASSERT_TRUE(second_answer.ok()) << second_answer.status() << Log();
  EXPECT_EQ(leader.Finish(second, *second_answer)->accepted, kGood);

  WaitUntil(task.EndOf(reporters_.window()));
  const dap::LeaderCollection collection = *leader.Collect(reporters_.window(), clock_.Now());
  const auto share = Link().Share(task.id(), collection.request);
  ASSERT_TRUE(share.ok()) << share.status() << Log();
  KillAndStart();
  EXPECT_EQ(*Link().Share(task.id(), collection.request), *share);

  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->Wait(absl::Seconds(30)), 0) << Log();
  const std::vector<std::int64_t> truth = {kGood, 0, 0, kDevices - kGood, 0};
  EXPECT_EQ(TrueSum(), truth);
  const auto counts = *dap::OpenAggregate(task, {.interval = task.IntervalOf(reporters_.window())},
                                          reporters_.collector(), collection.share, *share);
  ASSERT_EQ(counts.size(), truth.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(counts[i]), static_cast<double>(truth[i]), kNoise) << i;
  }
}

TEST_F(AggregatorProcessTest, ASecondProcessOnTheStateSaysWhyItDoesNotRun) {
  const auto second = e2e::RunCommand({kProgram, "run", "--config", config_.string()}, {});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find("another aggregator runs on"), std::string::npos) << second.err;
}

TEST_F(AggregatorProcessTest, EndsCleanlyOnSigtermAndSigintAndItsLogHoldsNoKey) {
  for (const int number : {SIGTERM, SIGINT}) {
    ASSERT_TRUE(Link().Keys().ok());  // it is up, whatever an earlier run has left
    process_->Signal(number);
    EXPECT_EQ(process_->Wait(absl::Seconds(30)), 0) << Log();
    Start();
  }
  const std::string log = Log();
  EXPECT_NE(log.find("aggregator.ready"), std::string::npos);
  EXPECT_NE(log.find("aggregator.stopping"), std::string::npos);
  const std::string sealing = e2e::FileText(layout_.sealing_keys());
  const std::string secret = sealing.substr(sealing.rfind(' ') + 1, 64);
  ASSERT_EQ(secret.size(), 64U);
  EXPECT_EQ(log.find(secret), std::string::npos);
}

TEST_F(AggregatorProcessTest, AMistakeInTheConfigurationEndsTheStartWithItsPlace) {
  const auto file = folder_.path() / "bad.yaml";
  std::ofstream(file) << "state_dir: /tmp\nminimum_batsh: 100\n";
  const auto result = e2e::RunCommand({kProgram, "run", "--config", file.string()}, {});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("bad.yaml:2:1"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace flotilla::telemetry
