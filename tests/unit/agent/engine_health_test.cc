// What the engines' events and ends become for private health: the supervisor over scripted
// children.
#include <signal.h>

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "agent/engine/engine_sockets.h"
#include "agent/engine/engine_supervisor.h"
#include "base/os_durable_fs.h"
#include "ota/store.h"
#include "security/sha256.h"
#include "tests/support/fake_engine_launcher.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_process_probe.h"
#include "tests/support/recording_health_sink.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

using schema::CrashClass;

constexpr char kLine[] = "pump";
constexpr EngineExit kKilled{-1, SIGKILL, false};

class IdleListener final : public EngineListener {
 public:
  Status BeforeTrialStart(const std::string& /*line*/) override { return OkStatus(); }
  void OnServing(const std::string& /*line*/) override {}
  void OnTrialPassed(const std::string& /*line*/) override {}
  void OnReleaseBad(const std::string& /*line*/, v1::FailureReason /*reason*/) override {}
  void OnStopped(const std::string& /*line*/) override {}
  void OnConditionChanged() override {}
};

v1::EngineEvent Loaded() {
  v1::EngineEvent event;
  event.mutable_loaded();
  return event;
}
v1::EngineEvent Serving() {
  v1::EngineEvent event;
  event.mutable_serving();
  return event;
}
v1::EngineEvent Stats(std::uint64_t busy_us) {
  v1::EngineEvent event;
  event.mutable_stats()->set_busy_us(busy_us);
  return event;
}
v1::EngineEvent RequestDone(std::uint64_t whole_us) {
  v1::EngineEvent event;
  event.mutable_request_done()->set_time_to_first_token_us(whole_us / 4);
  event.mutable_request_done()->set_whole_us(whole_us);
  event.mutable_request_done()->set_decoded_tokens(9);
  event.mutable_request_done()->set_decode_us(whole_us / 2);
  event.mutable_request_done()->set_tokens(10);
  return event;
}
v1::EngineEvent Outcome(bool solved) {
  v1::EngineEvent event;
  event.mutable_outcome()->set_solved(solved);
  return event;
}
v1::EngineEvent Failed(v1::FailureReason reason) {
  v1::EngineEvent event;
  event.mutable_failed()->set_reason(reason);
  return event;
}

class EngineHealthTest : public ::testing::Test {
 protected:
  EngineHealthTest() {
    std::filesystem::create_directories(dir_.path() / "run");
    store_ = ota::Store::Open(dir_.path(), fs_).value();
    sockets_ = EngineSockets::Open("127.0.0.1:0", dir_.path() / "run").value();
    processes_.kills = 7;
    Listen({&sink_, &processes_, 1000});
  }
  void Listen(const EngineHealthTap& tap) {
    supervisor_ = std::make_unique<EngineSupervisor>(
        LineMachineOptions(),
        EngineSupervisor::Parts{executor_, executor_, launcher_, *sockets_, *store_,
                                [](const v1::InstalledRelease&) { return true; }, tap});
  }
  void Run(const std::string& version) {
    const Bytes model = ToBytes("model " + version);
    v1::ActiveRecord active;
    v1::InstalledRelease& release = *active.mutable_current();
    release.mutable_ref()->set_line(kLine);
    release.mutable_ref()->set_version(version);
    release.mutable_ref()->set_sha256(ToText(security::Sha256(ToBytes(version)).bytes()));
    release.set_model_sha256(ToText(security::Sha256(model).bytes()));
    EXPECT_TRUE(store_->InstallBytes(security::Sha256(model), ota::BlobKind::kModel, model).ok());
    supervisor_->Run(kLine, active, TrialTerms(), listener_);
    executor_.RunReady();
  }
  FakeEngineLauncher::Script& Newest() { return *launcher_.children.back(); }
  void Serve() {
    Newest().Tell(Loaded());
    Newest().Tell(Serving());
    executor_.RunReady();
  }
  CrashClass LastCrash() const {
    return sink_.crashes.empty() ? CrashClass::kNone : sink_.crashes.back().second;
  }

  TempDir dir_;
  OsDurableFs fs_;
  FakeExecutor executor_;
  FakeEngineLauncher launcher_;
  FakeProcessProbe processes_;
  RecordingHealthSink sink_;
  IdleListener listener_;
  std::unique_ptr<ota::Store> store_;
  std::unique_ptr<EngineSockets> sockets_;
  std::unique_ptr<EngineSupervisor> supervisor_;
};

TEST_F(EngineHealthTest, TellsWhatAServingEngineSays) {
  Run("1");
  Serve();
  processes_.resident[Newest().pid] = 600;
  Newest().Tell(RequestDone(400'000));
  Newest().Tell(Outcome(true));
  Newest().Tell(Outcome(false));
  Newest().Tell(Stats(0));
  Newest().Tell(Stats(700'000));
  Newest().Tell(Stats(700'000));
  Newest().Tell(Stats(900'000));
  ASSERT_EQ(sink_.requests.size(), 1U);
  const auto& [line, request] = sink_.requests[0];
  EXPECT_EQ(line, kLine);
  EXPECT_EQ(request.time_to_first_token, absl::Milliseconds(100));
  EXPECT_EQ(request.whole, absl::Milliseconds(400));
  EXPECT_EQ(request.decoded_tokens, 9U);
  EXPECT_EQ(request.decode_time, absl::Milliseconds(200));
  EXPECT_EQ(request.tokens, 10U);
  ASSERT_EQ(sink_.outcomes.size(), 2U);
  EXPECT_EQ(sink_.outcomes[0].second, schema::Outcome::kSolved);
  EXPECT_EQ(sink_.outcomes[1].second, schema::Outcome::kNotSolved);
  ASSERT_EQ(sink_.busy.size(), 2U);
  EXPECT_EQ(sink_.busy[0].second, absl::Milliseconds(700));
  EXPECT_EQ(sink_.busy[1].second, absl::Milliseconds(200));
  ASSERT_EQ(sink_.memory.size(), 4U);
  EXPECT_EQ(sink_.memory[0].second.resident_bytes, 600U);
  EXPECT_EQ(sink_.memory[0].second.budget_bytes, 1000U);
  EXPECT_TRUE(sink_.crashes.empty());
}

TEST_F(EngineHealthTest, TellsNoTimeOfAFirstTokenThatWasNotMadeNorOneBeyondAllTimes) {
  Run("1");
  Serve();
  v1::EngineEvent event;
  event.mutable_request_done()->set_whole_us(~std::uint64_t{0});
  Newest().Tell(event);
  ASSERT_EQ(sink_.requests.size(), 1U);
  EXPECT_FALSE(sink_.requests[0].second.time_to_first_token.has_value());
  EXPECT_EQ(sink_.requests[0].second.whole, absl::InfiniteDuration());
}

TEST_F(EngineHealthTest, LeavesOutWhatTheEngineOfAnotherReleaseStillDoes) {
  Run("1");
  Serve();
  FakeEngineLauncher::Script& old = Newest();
  Run("2");
  old.Tell(RequestDone(400'000));
  Serve();
  old.Tell(Outcome(true));
  old.Tell(Stats(5'000'000));
  old.Exit({0, 0, false});
  EXPECT_TRUE(sink_.requests.empty());
  EXPECT_TRUE(sink_.outcomes.empty());
  EXPECT_TRUE(sink_.busy.empty());
  EXPECT_TRUE(sink_.crashes.empty());
  Newest().Tell(RequestDone(100'000));
  EXPECT_EQ(sink_.requests.size(), 1U);
}

TEST_F(EngineHealthTest, TellsHowAnEngineCrashed) {
  Run("1");
  Serve();
  Newest().Exit({-1, SIGSEGV, false});
  EXPECT_EQ(LastCrash(), CrashClass::kSegv);
  executor_.Advance(absl::Seconds(1));
  ASSERT_EQ(launcher_.children.size(), 2U);
  Newest().Tell(Failed(v1::FAILURE_REASON_INSTALL_LOAD_FAILED));
  Newest().Exit({1, 0, false});
  EXPECT_EQ(LastCrash(), CrashClass::kLoadFail);
  EXPECT_EQ(sink_.crashes.size(), 2U);
}

TEST_F(EngineHealthTest, TellsAKillForMemoryByTheKernelsCount) {
  Run("1");
  Serve();
  processes_.kills = 8;
  Newest().Exit(kKilled);
  EXPECT_EQ(LastCrash(), CrashClass::kOomKill);
}

// Some other process was killed, and the engine lived on: that says nothing of its later end.
TEST_F(EngineHealthTest, TellsAKillThatNobodyOwnsUpToAsOther) {
  Run("1");
  Serve();
  processes_.kills = 8;
  Newest().Tell(Stats(0));
  Newest().Exit(kKilled);
  EXPECT_EQ(LastCrash(), CrashClass::kOther);
}

TEST_F(EngineHealthTest, TellsAnEngineThatHangsAsTheWatchdogs) {
  Run("1");
  Serve();
  executor_.Advance(LineMachineOptions().silence);
  ASSERT_EQ(Newest().kills, 1);
  Newest().Exit(kKilled);
  EXPECT_EQ(LastCrash(), CrashClass::kWatchdog);
}

TEST_F(EngineHealthTest, TellsAnEngineThatDoesNotEndAfterItsChannelAsTheWatchdogs) {
  Run("1");
  Serve();
  Newest().Exit({-1, SIGKILL, true});
  EXPECT_EQ(LastCrash(), CrashClass::kWatchdog);
}

TEST_F(EngineHealthTest, TellsAReleaseThatCannotBeStarted) {
  launcher_.refusal = WithReason(ResourceExhausted("no"), v1::FAILURE_REASON_STORAGE_NO_SPACE);
  Run("1");
  EXPECT_EQ(LastCrash(), CrashClass::kDisk);
  launcher_.refusal = ResourceExhausted("no process");
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(LastCrash(), CrashClass::kLoadFail);
}

TEST_F(EngineHealthTest, TellsNoCrashOfAnEndThatTheAgentAskedFor) {
  Run("1");
  Serve();
  supervisor_->Park(kLine, [] {});
  executor_.Advance(LineMachineOptions().drain_grace + LineMachineOptions().drain_kill);
  EXPECT_EQ(Newest().kills, 1);
  Newest().Exit(kKilled);
  supervisor_->Unpark(kLine);
  executor_.RunReady();
  ASSERT_EQ(launcher_.children.size(), 2U);
  supervisor_->EnterSafeMode(kLine, v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  EXPECT_EQ(Newest().kills, 1);
  Newest().Exit(kKilled);
  EXPECT_TRUE(sink_.crashes.empty());
}

TEST_F(EngineHealthTest, WithoutAProbeMemoryIsNotKnown) {
  Listen({&sink_, nullptr, 1000});
  Run("1");
  Serve();
  Newest().Tell(Stats(1));
  Newest().Exit(kKilled);
  EXPECT_TRUE(sink_.memory.empty());
  EXPECT_EQ(LastCrash(), CrashClass::kOther);
}

TEST_F(EngineHealthTest, WithoutASinkEnginesRunAllTheSame) {
  Listen({});
  Run("1");
  Serve();
  Newest().Tell(RequestDone(1));
  Newest().Tell(Stats(1));
  Newest().Exit(kKilled);
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(launcher_.children.size(), 2U);
}

}  // namespace
}  // namespace flotilla::agent
