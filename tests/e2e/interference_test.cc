// Other prompts, all else the same: not a byte differs of what a device hands to the transport or
// writes to its disk. Two runs of agent, engine and controller over TLS go on from one past, with
//   * time standing where the test puts it, for agent, engine (its stopwatch too) and controller;
//   * randomness that follows from the place in the program that asks for it (keys of HPKE, shares,
//     ids and moments of reports, nonces), for agent and engine; TLS keeps its own, below the tap;
//   * the same number of requests, of each kind, of as many tokens: the test checks that;
//   * no heartbeats (their number is a matter of timers) and a disk whose free space is fixed.
// What is compared stands at DifferencesOf (tests/e2e/support/replay.h). Not compared: the port of
// the local endpoint, which the kernel chooses; frames of HTTP/2 that carry neither headers nor
// data (windows, pings); how often a poll found the engine's counters; database files byte for byte
// (their tables are). Sensors that the machine moves are switched off by the owner, and nothing is
// installed during a run: what an update sends is the publisher's, before any prompt.

#include <signal.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "flotilla/v1/engine.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

#include "agent/health/release_memory.h"
#include "base/bytes.h"
#include "tests/e2e/support/health_fleet.h"
#include "tests/e2e/support/local_client.h"
#include "tests/e2e/support/plaintext.h"
#include "tests/e2e/support/replay.h"
#include "tests/support/temp_dir.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

constexpr char kGetTasks[] = "/flotilla.v1.HealthTaskService/GetHealthTasks";
constexpr char kUpload[] = "/flotilla.v1.MetricsService/Upload";
constexpr char kSession[] = "/flotilla.v1.DeviceService/Session";
constexpr Duration kWindow = absl::Seconds(30);
constexpr std::size_t kAskedMetrics = 3;
// Of each of three kinds.
constexpr int kRounds = 4;
constexpr std::size_t kAnswers = std::size_t{3} * kRounds;

// Texts of one shape: as many letters, digits and tokens.
struct Texts {
  std::string question;
  std::string refused;
};
const Texts kOne = {"1111111111111111 pump-07 temp=91C vib=8.2mm/s rpm=1480 current=31A",
                    "nurse Jane"};
const Texts kOther = {"zzzzzzzzzzzzzzzz pump-03 temp=48C vib=1.1mm/s rpm=1455 current=22A",
                      "nurse Mary"};

SiteOptions WithoutHeartbeats() {
  SiteOptions options;
  options.heartbeat = absl::Hours(1);
  return options;
}

std::size_t CountOf(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++count;
  }
  return count;
}

class InterferenceTest : public HealthFleet {
 protected:
  InterferenceTest() : HealthFleet(WithoutHeartbeats()) {}

  // A device that serves 1.0.0 and was asked for some metrics in a window that has not begun; then
  // everything but the helper is stopped.
  void MakePast() {
    device_ = site_.AddBareDevice("ward-7");
    Configure("flotilla-engine", *site_.CreateToken({"--uses", "1"}));
    Must(device_->Start());
    Must(site_.Push("1.0.0", kModelV1, 40));
    ASSERT_TRUE(Eventually([&] { return site_.Run({"device", "get", "ward-7"}).ok(); }));
    Must(site_.RollOut("1.0.0", {{"all", 0}}));
    ASSERT_TRUE(Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }));
    Reporters(100, 0)->Kill();
    device_->Stop();
    AskMetrics();
    site_.KillController();
    past_.emplace(std::vector<fs::path>{site_.state_dir(), device_->folder()});
  }

  // One run with these texts. Once a minute of real time an agent looks whether its metadata is
  // old; a run that took so long, on a machine that had no time for it, is done again.
  Trace Run(const std::string& engine, const Texts& texts) {
    constexpr int kAttempts = 3;
    Trace trace;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const Time began = absl::Now();
      trace = RunOnce(engine, texts);
      if (absl::Now() - began < absl::Seconds(50)) {
        break;
      }
    }
    return trace;
  }

  static void ExpectARunWasSeen(const Trace& trace) {
    EXPECT_EQ(CountCalls(trace.plaintext, kUpload), kAskedMetrics);
    EXPECT_EQ(CountCalls(trace.plaintext, kSession), 1U);
    EXPECT_GT(trace.disk.at("at the end").size(), 5U);
    EXPECT_FALSE(trace.log.empty());
  }

  std::vector<AnswerFacts> facts_;

 private:
  // From the past to the end of the window's reports.
  Trace RunOnce(const std::string& engine, const Texts& texts) {
    past_->PutBack();
    SteppedTime time(start_ + absl::Seconds(2));
    const TempDir folder;
    tap_ = folder.path() / "tap";
    Configure(engine, "");
    device_->set_program(Program("flotilla-agent-replay"));
    device_->set_environment(
        {time.Variable(), absl::StrCat("FLOTILLA_PLAINTEXT_TAP=", tap_.string())});
    Trace trace;
    Begin(time);
    time.Set(start_ + absl::Seconds(5));
    WaitFor("the plan", [&] { return CountOf(ShownStatus(), "would say now") == kAskedMetrics; });
    Ask(texts);
    trace.disk["when all was answered"] = State();
    // The window is over: votes become reports, and none of them is due yet.
    time.Set(start_ + kWindow + absl::Milliseconds(1));
    // The tasks that are answered to the second question are over, so the window is not measured
    // on.
    WaitFor("the reports", [&] {
      return Spooled() + Sent() == kAskedMetrics && Tasks() == 2 && !MeasuresTheWindow();
    });
    trace.disk["when reports were made"] = State();
    // The last moment of all, by which each of them is due.
    time.Set(start_ + 2 * kWindow - absl::Milliseconds(1));
    WaitFor("the uploads", [&] { return Sent() == kAskedMetrics && Tasks() == 3; });
    device_->Stop();
    site_.KillController();
    trace.disk["at the end"] = State();
    trace.plaintext = ReadPlaintext(tap_);
    trace.log = LogLines(
        absl::StrReplaceAll(device_->Log().substr(log_before_), {{endpoint_, "ENDPOINT"}}));
    return trace;
  }

  void Configure(const std::string& engine, const std::string& token) {
    site_.WriteAgentConfig(
        *device_, token,
        absl::StrCat(OwnersLine(", metrics: {temp_max_c: false, joules_per_ktoken: false,"
                                " throttle_share: false, mem_high_water: false,"
                                " usage_band: true}"),
                     "engine_path: ", Program(engine), "\n"));
  }

  // All in one window.
  void AskMetrics() {
    ASSERT_TRUE(Eventually([] {
      const std::int64_t into = absl::ToUnixSeconds(absl::Now()) % absl::ToInt64Seconds(kWindow);
      return into < absl::ToInt64Seconds(kWindow) - 10;
    }));
    for (const char* const metric : {"request_p95_ms", "outcome_good_share", "usage_band"}) {
      const auto task = HealthFleet::Ask(metric, DurationText(kWindow));
      ASSERT_TRUE(task.ok()) << task.status();
    }
    const std::int64_t length = absl::ToInt64Seconds(kWindow);
    start_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) / length * length) + kWindow;
  }

  // The controller stands still until the model is loaded, so that the two do not race.
  void Begin(const SteppedTime& time) {
    log_before_ = device_->Log().size();
    Must(site_.StartController(Program("flotilla-controller-replay"), {time.Variable()}));
    site_.controller().Signal(SIGSTOP);
    Must(device_->Start());
    WaitFor("the engine", [&] { return Events(v1::EngineEvent::kServing) == 1; });
    site_.controller().Signal(SIGCONT);
    WaitFor("the tasks", [&] { return Tasks() == 1; });
  }

  void Ask(const Texts& texts) {
    endpoint_ = device_->Url().substr(std::string_view("http://").size());
    const LocalClient local(device_->Url(), kLine);
    facts_.clear();
    for (int round = 0; round < kRounds; ++round) {
      const HttpResult chat = local.Chat(texts.question, 1);
      facts_.push_back(FactsOf(chat.body));
      facts_.push_back(FactsOf(local.Completion(texts.question, 1).body));
      EXPECT_EQ(local.Stream(texts.question, 1).status, 200);
      EXPECT_EQ(local.MarkSolved(facts_[facts_.size() - 2].id).status, 200);
      EXPECT_EQ(local.MarkSolved(texts.refused).status, 404);
      EXPECT_EQ(local.Malformed(texts.refused).status, 400);
    }
    EXPECT_EQ(local.Overlong(texts.question).status, 400);
    WaitFor("what the engine counted", [&] {
      return Events(v1::EngineEvent::kRequestDone) == kAnswers &&
             Events(v1::EngineEvent::kOutcome) == kRounds;
    });
  }

  // ...and until nothing moves any more.
  void WaitFor(const char* what, const std::function<bool()>& condition) {
    EXPECT_TRUE(Eventually(condition, absl::Seconds(60))) << what << " did not come";
    std::uintmax_t size = 0;
    int quiet = 0;
    EXPECT_TRUE(Eventually([&] {
      std::error_code error;
      const std::uintmax_t now = fs::file_size(tap_, error);
      quiet = now == size ? quiet + 1 : 0;
      size = now;
      return quiet >= 15;
    }));
  }

  std::size_t Events(v1::EngineEvent::EventCase kind) const {
    const Plaintext plaintext = ReadPlaintext(tap_);
    return static_cast<std::size_t>(std::count_if(
        plaintext.engine_events.begin(), plaintext.engine_events.end(), [&](const auto& bytes) {
          v1::EngineEvent event;
          return event.ParseFromString(bytes) && event.event_case() == kind;
        }));
  }
  std::size_t Tasks() const { return CountCalls(ReadPlaintext(tap_), kGetTasks); }
  bool MeasuresTheWindow() const {
    const std::string bytes = FileText(health() / "releases");
    const auto memory = agent::DecodeReleaseMemory(AsBytes(bytes));
    if (!memory.ok()) {
      return true;
    }
    return std::any_of(memory->begin(), memory->end(), [](const auto& line) {
      return std::any_of(line.second.windows.begin(), line.second.windows.end(),
                         [](const auto& window) { return window.length == kWindow; });
    });
  }
  fs::path health() const { return device_->state_dir() / "health"; }
  std::string ShownStatus() const { return FileText(health() / "status"); }
  std::size_t Sent() const { return CountOf(FileText(health() / "sent"), ": taken"); }
  std::size_t Spooled() const {
    const fs::directory_iterator files(health() / "spool");
    return static_cast<std::size_t>(std::count_if(
        begin(files), end(files),
        [](const fs::directory_entry& entry) { return entry.path().extension() == ".report"; }));
  }
  std::map<std::string, std::string> State() const {
    std::map<std::string, std::string> content = FolderContent(device_->state_dir());
    content.erase("endpoint");  // the port that the kernel chose
    return content;
  }

  Device* device_ = nullptr;
  Time start_;
  std::optional<Past> past_;
  fs::path tap_;
  std::size_t log_before_ = 0;
  std::string endpoint_;
};

TEST_F(InterferenceTest, OtherPromptsOfOneShapeChangeNoByteOnNetworkOrDisk) {
  ASSERT_NO_FATAL_FAILURE(MakePast());
  const Trace one = Run("flotilla-engine-replay", kOne);
  const std::vector<AnswerFacts> facts = facts_;
  const Trace other = Run("flotilla-engine-replay", kOther);
  ExpectARunWasSeen(one);
  ASSERT_EQ(facts.size(), facts_.size());
  for (std::size_t i = 0; i < facts.size(); ++i) {
    EXPECT_GT(facts[i].prompt_tokens, 0);
    EXPECT_EQ(facts[i].prompt_tokens, facts_[i].prompt_tokens) << i;
    EXPECT_EQ(facts[i].completion_tokens, facts_[i].completion_tokens) << i;
  }
  EXPECT_EQ(DifferencesOf(one, other), std::vector<std::string>());
}

TEST_F(InterferenceTest, FindsThatALeakyEngineGivesAwayAByteOfEachPrompt) {
  ASSERT_NO_FATAL_FAILURE(MakePast());
  const Trace one = Run("flotilla-engine-replay-leaky", kOne);
  const Trace other = Run("flotilla-engine-replay-leaky", kOther);
  ExpectARunWasSeen(one);
  const std::vector<std::string> differences = DifferencesOf(one, other);
  using testing::AllOf;
  using testing::Contains;
  using testing::HasSubstr;
  EXPECT_THAT(differences, Contains(AllOf(HasSubstr("sent,"), HasSubstr(kUpload))));
  EXPECT_THAT(differences,
              Contains(AllOf(HasSubstr("when reports were made"), HasSubstr("health/spool"))));
  EXPECT_THAT(differences, Contains(HasSubstr("log,")));
}

}  // namespace
}  // namespace flotilla::e2e
