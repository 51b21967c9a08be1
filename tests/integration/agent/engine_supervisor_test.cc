// The agent's side of engines with real processes: director, slots, supervisor, flotilla-engine and
// the demo models. Only the download is fake.
#include <signal.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "agent/condition/os_process_probe.h"
#include "agent/engine/engine_self_tester.h"
#include "agent/engine/engine_sockets.h"
#include "agent/engine/engine_supervisor.h"
#include "agent/engine/process_launcher.h"
#include "agent/update/update_director.h"
#include "base/asio_executor.h"
#include "base/file.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/os_random.h"
#include "security/sha256.h"
#include "tests/support/fake_update_work.h"
#include "tests/support/http_client.h"
#include "tests/support/on_loop.h"
#include "tests/support/recording_health_sink.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr char kLine[] = "plant-slm";
constexpr std::uint64_t kBudget = std::uint64_t{1} << 30;

// Remembers each child's process id.
class RecordingLauncher final : public EngineLauncher {
 public:
  explicit RecordingLauncher(EngineLauncher& inner) : inner_(inner) {}
  StatusOr<std::unique_ptr<EngineChild>> Launch(EngineChildHandler& handler) override {
    auto child = inner_.Launch(handler);
    if (child.ok()) {
      last_pid = (*child)->pid();
    }
    return child;
  }
  std::atomic<int> last_pid = 0;

 private:
  EngineLauncher& inner_;
};

class EngineSupervisorTest : public ::testing::Test {
 protected:
  EngineSupervisorTest() {
    std::filesystem::create_directories(dir_.path() / "run");
    store_ = ota::Store::Open(dir_.path(), fs_).value();
    lines_ = LineSet::Open(dir_.path(), *store_, fs_, clock_).value();
    db_ = StateDb::Open(dir_.path() / "agent.db").value();
    outbox_ = Outbox::Open(*db_, random_).value();
    sockets_ = EngineSockets::Open("127.0.0.1:0", dir_.path() / "run").value();
    supervisor_ = std::make_unique<EngineSupervisor>(
        LineMachineOptions(),
        EngineSupervisor::Parts{loop_, clock_, launcher_, *sockets_, *store_,
                                [](const v1::InstalledRelease&) { return true; },
                                EngineHealthTap{&health_, &processes_, kBudget}});
    director_ = std::make_unique<UpdateDirector>(
        DirectorOptions(),
        UpdateDirector::Parts{loop_, clock_, random_, *outbox_, *lines_, work_, *supervisor_, [] {},
                              [] {}, nullptr, &health_, [this] { acknowledged_ = true; }});
  }

  v1::InstalledRelease Install(const std::string& version, const std::string& file) {
    const std::filesystem::path demo = FLOTILLA_DEMO_PATH;
    const Bytes model = ReadFile(demo / file, 100 << 20).value();
    const Bytes golden = ReadFile(demo / "golden.jsonl", 10 << 20).value();
    const Digest model_sha = security::Sha256(model);
    const Digest golden_sha = security::Sha256(golden);
    EXPECT_TRUE(store_->InstallBytes(model_sha, ota::BlobKind::kModel, model).ok());
    EXPECT_TRUE(store_->InstallBytes(golden_sha, ota::BlobKind::kGolden, golden).ok());
    v1::InstalledRelease release;
    release.mutable_ref()->set_line(kLine);
    release.mutable_ref()->set_version(version);
    const Digest document = security::Sha256(AsBytes(version));
    const Bytes document_bytes = ToBytes(version);
    EXPECT_TRUE(store_->InstallBytes(document, ota::BlobKind::kRelease, document_bytes).ok());
    release.mutable_ref()->set_sha256(ToText(document.bytes()));
    release.set_model_sha256(ToText(model_sha.bytes()));
    release.set_golden_sha256(ToText(golden_sha.bytes()));
    release.set_model_bytes(model.size());
    work_.Offer(release);
    return release;
  }

  void TearDown() override {
    OnLoop([&] { director_->Stop(); });
    loop_.Stop();
    loop_thread_.join();
  }

  // Everything below lives on the loop: runs `task` there and waits for its end.
  void OnLoop(const std::function<void()>& task) { RunOn(loop_, task); }

  void Desire(const v1::InstalledRelease& release) {
    v1::DesiredState desired;
    desired.set_generation(++generation_);
    v1::Assignment& assignment = *desired.add_assignments();
    *assignment.mutable_release() = release.ref();
    assignment.set_rollout_id("rollout-" + std::to_string(generation_));
    assignment.mutable_trial_duration()->set_nanos(300'000'000);
    OnLoop([&] { director_->OnDesiredState(desired); });
  }

  v1::DeploymentState State() {
    v1::DeploymentState state = v1::DEPLOYMENT_STATE_UNSPECIFIED;
    OnLoop([&] {
      const auto progress = outbox_->Progress(kLine);
      const bool of_this =
          progress.ok() && progress->has_value() &&
          (*progress)->assignment.rollout_id() == "rollout-" + std::to_string(generation_);
      state = of_this ? (*progress)->state : state;
    });
    return state;
  }

  // Asks `done` until it says yes, at most a minute.
  bool WaitUntil(const std::function<bool()>& done) {
    const Duration end = clock_.Monotonic() + absl::Seconds(60);
    while (clock_.Monotonic() < end) {
      if (done()) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  bool WaitForState(v1::DeploymentState state) {
    return WaitUntil([&] { return State() == state; });
  }

  v1::EngineCondition Engine() {
    v1::EngineCondition engine = v1::ENGINE_CONDITION_UNSPECIFIED;
    OnLoop([&] { engine = supervisor_->EngineConditions().lines(0).engine(); });
    return engine;
  }

  std::uint16_t Port() const {
    const std::string& text = sockets_->endpoint();
    return static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
  }

  TempDir dir_;
  OsClock clock_;
  OsRandom random_;
  OsDurableFs fs_;
  AsioExecutor loop_;
  std::unique_ptr<ota::Store> store_;
  std::unique_ptr<LineSet> lines_;
  std::unique_ptr<StateDb> db_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<EngineSockets> sockets_;
  ProcessLauncher real_launcher_{FLOTILLA_ENGINE_PATH, loop_};
  RecordingLauncher launcher_{real_launcher_};
  FakeUpdateWork work_{loop_};
  RecordingHealthSink health_;  // the loop's
  OsProcessProbe processes_{"/proc", "/sys/fs/cgroup"};
  std::unique_ptr<EngineSupervisor> supervisor_;
  std::unique_ptr<UpdateDirector> director_;
  std::uint64_t generation_ = 0;
  std::atomic<bool> acknowledged_ = false;  // that a release is stopped
  std::jthread loop_thread_{[this] { loop_.Run(); }};
};

TEST_F(EngineSupervisorTest, SwapsWithoutARefusedConnectionOrAFailedRequest) {
  Desire(Install("1", "plant-slm-v1-q8_0.gguf"));
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  std::jthread client([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      auto connection = test::HttpClient::ConnectTcp(Port());
      const auto answer = connection.ok() ? connection->Exchange("GET", "/v1/models")
                                          : StatusOr<test::HttpAnswer>(connection.status());
      (answer.ok() && answer->status == 200 ? good : bad) += 1;
    }
  });
  Desire(Install("2", "plant-slm-v2-q8_0.gguf"));
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  client.request_stop();
  client.join();
  EXPECT_GT(good, 10);
  EXPECT_EQ(bad, 0);
  EXPECT_EQ(lines_->Find(kLine)->active().current().ref().version(), "2");
  EXPECT_EQ(lines_->Find(kLine)->active().previous().ref().version(), "1");
}

TEST_F(EngineSupervisorTest, NoRequestIsAnsweredByARevokedReleaseOnceThatIsAcknowledged) {
  v1::InstalledRelease release = Install("1", "plant-slm-v1-q8_0.gguf");
  release.set_fallback_answer("Please ask a colleague.");
  work_.Offer(release);
  Desire(release);
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  std::atomic<int> late = 0;
  std::atomic<int> fixed = 0;
  std::jthread client([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const bool after = acknowledged_;
      auto connection = test::HttpClient::ConnectTcp(Port());
      const auto answer = connection.ok() ? connection->Exchange("GET", "/v1/models")
                                          : StatusOr<test::HttpAnswer>(connection.status());
      const std::string body = answer.ok() ? answer->body : std::string();
      late += after && body.find("plant-slm@1\"") != std::string::npos ? 1 : 0;
      fixed += body.find("plant-slm@fallback-answer") != std::string::npos ? 1 : 0;
    }
  });
  v1::DesiredState desired;
  v1::ReleaseStop& stop = *desired.add_stops();
  *stop.mutable_release() = release.ref();
  stop.set_serve(v1::SERVE_INSTEAD_STATIC_ANSWER);
  OnLoop([&] { director_->OnDesiredState(desired); });
  EXPECT_TRUE(WaitUntil([&] { return acknowledged_ && fixed > 10; })) << fixed;
  client.request_stop();
  client.join();
  EXPECT_EQ(late, 0);
  EXPECT_EQ(Engine(), v1::ENGINE_CONDITION_STATIC_ANSWER);
}

TEST_F(EngineSupervisorTest, GoesBackByItselfWhenAConfirmedReleaseCrashLoops) {
  const v1::InstalledRelease first = Install("1", "plant-slm-v1-q8_0.gguf");
  Desire(first);
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  Desire(Install("2", "plant-slm-v2-q8_0.gguf"));
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  int killed = 0;
  ASSERT_TRUE(WaitUntil([&] {
    if (launcher_.last_pid != killed && State() == v1::DEPLOYMENT_STATE_SUCCEEDED) {
      killed = launcher_.last_pid;
      ::kill(killed, SIGKILL);
    }
    return State() == v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM;
  })) << State();
  const v1::ActiveRecord active = lines_->Find(kLine)->active();
  EXPECT_EQ(active.current().ref().version(), "1");
  EXPECT_EQ(active.failed().ref().version(), "2");
  EXPECT_TRUE(lines_->Find(kLine)->FindBad(security::Sha256(AsBytes("2"))).has_value());
  ASSERT_TRUE(WaitUntil([&] { return Engine() == v1::ENGINE_CONDITION_SERVING; }));
  auto connection = test::HttpClient::ConnectTcp(Port());
  ASSERT_TRUE(connection.ok());
  const auto answer = connection->Exchange("GET", "/v1/models");
  ASSERT_TRUE(answer.ok());
  EXPECT_NE(answer->body.find("plant-slm@1"), std::string::npos) << answer->body;
}

TEST_F(EngineSupervisorTest, ServesNothingWhenTheOnlyReleaseCrashLoopsAndTakesTheNextOne) {
  Desire(Install("1", "plant-slm-v1-q8_0.gguf"));
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  int killed = 0;
  ASSERT_TRUE(WaitUntil([&] {
    if (launcher_.last_pid != killed && State() == v1::DEPLOYMENT_STATE_SUCCEEDED) {
      killed = launcher_.last_pid;
      ::kill(killed, SIGKILL);
    }
    return State() == v1::DEPLOYMENT_STATE_FAILED_DEGRADED;
  })) << State();
  EXPECT_EQ(Engine(), v1::ENGINE_CONDITION_SAFE_MODE);
  EXPECT_EQ(503, test::HttpClient::ConnectTcp(Port())->Exchange("GET", "/v1/models")->status);
  Desire(Install("2", "plant-slm-v2-q8_0.gguf"));
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  EXPECT_EQ(Engine(), v1::ENGINE_CONDITION_SERVING);
  EXPECT_EQ(200, test::HttpClient::ConnectTcp(Port())->Exchange("GET", "/v1/models")->status);
}

TEST_F(EngineSupervisorTest, GoesBackToThePreviousReleaseWhenItIsDesired) {
  const v1::InstalledRelease first = Install("1", "plant-slm-v1-q8_0.gguf");
  Desire(first);
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  Desire(Install("2", "plant-slm-v2-q8_0.gguf"));
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  Desire(first);
  ASSERT_TRUE(WaitUntil([&] {
    return State() == v1::DEPLOYMENT_STATE_SUCCEEDED &&
           lines_->Find(kLine)->active().current().ref().version() == "1";
  })) << State();
  EXPECT_EQ(work_.started(), 2);
}

constexpr char kChat[] =
    R"({"messages":[{"role":"user","content":"pump-07 temp=91C vib=8.2mm/s rpm=1480"}],)"
    R"("temperature":0,"max_tokens":12})";

Duration BusyTime(const RecordingHealthSink& seen) {
  Duration total;
  for (const auto& [line, busy] : seen.busy) {
    total += busy;
  }
  return total;
}

TEST_F(EngineSupervisorTest, TellsHealthOfAChatThatTheRealEngineAnswered) {
  const v1::InstalledRelease release = Install("1", "plant-slm-v1-q8_0.gguf");
  Desire(release);
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  const auto post = [&](const std::string& path, const std::string& body) {
    return test::HttpClient::ConnectTcp(Port())->Exchange("POST", path, body).value();
  };
  const std::string answer = post("/v1/chat/completions", kChat).body;
  const std::size_t id = answer.find("chatcmpl-");
  ASSERT_NE(id, std::string::npos) << answer;
  const std::string outcome =
      R"({"outcome":"solved","id":")" + answer.substr(id, answer.find('"', id) - id) + "\"}";
  EXPECT_EQ(post("/v1/outcome", outcome).status, 200);
  RecordingHealthSink seen;
  ASSERT_TRUE(WaitUntil([&] {
    OnLoop([&] { seen = health_; });
    return !seen.outcomes.empty() && !seen.memory.empty() &&
           BusyTime(seen) >= seen.requests.front().second.whole;
  }));
  ASSERT_EQ(seen.requests.size(), 1U);
  const schema::RequestFinished& request = seen.requests[0].second;
  EXPECT_EQ(request.tokens, 12U);
  EXPECT_EQ(request.decoded_tokens, 11U);
  EXPECT_GT(request.decode_time, absl::ZeroDuration());
  ASSERT_TRUE(request.time_to_first_token.has_value());
  EXPECT_LT(*request.time_to_first_token, request.whole);
  EXPECT_LT(request.whole, absl::Seconds(30));
  EXPECT_EQ(seen.outcomes[0].second, schema::Outcome::kSolved);
  EXPECT_GT(seen.memory[0].second.resident_bytes, release.model_bytes());
  EXPECT_LT(seen.memory[0].second.resident_bytes, kBudget);
  EXPECT_TRUE(seen.crashes.empty());
  ASSERT_FALSE(seen.releases.empty());
  EXPECT_EQ(seen.releases[0].release, security::Sha256(AsBytes("1")));
}

TEST_F(EngineSupervisorTest, TellsHealthOfARealCrash) {
  Desire(Install("1", "plant-slm-v1-q8_0.gguf"));
  ASSERT_TRUE(WaitForState(v1::DEPLOYMENT_STATE_SUCCEEDED)) << State();
  // Of the signals a crash ends with, the one that a sanitizer leaves alone.
  ::kill(launcher_.last_pid, SIGABRT);
  RecordingHealthSink seen;
  ASSERT_TRUE(WaitUntil([&] {
    OnLoop([&] { seen = health_; });
    return !seen.crashes.empty();
  }));
  EXPECT_EQ(seen.crashes[0].second, schema::CrashClass::kAbort);
}

// Memory is no question here.
class AmpleRoom final : public SelfTestRoom {
 public:
  Status Enter(const v1::InstalledRelease& /*candidate*/,
               const std::stop_token& /*stop*/) override {
    return OkStatus();
  }
  void Leave(const v1::InstalledRelease& /*candidate*/) override {}
};

TEST_F(EngineSupervisorTest, ScoresACandidateBesideTheRunningRelease) {
  AmpleRoom room;
  SelfTestOptions options;
  options.engine_path = FLOTILLA_ENGINE_PATH;
  EngineSelfTester tester(options, *store_, room, clock_);
  const StatusOr<v1::GoldenScore> score = tester.Test(
      Install("3", "plant-slm-v3-regressed-q8_0.gguf"), Install("2", "plant-slm-v2-q8_0.gguf"), {});
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_GT(score->total(), 0U);
  EXPECT_LT(score->correct(), score->running_correct());
}

}  // namespace
}  // namespace flotilla::agent
