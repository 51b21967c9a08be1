// Words planted on a device in prompts, environment, paths and host name are nowhere outside: not
// in what the agent hands to TLS, not in what it writes down to be sent, not in a log, not with
// either party. The agent is flotilla-agent with a tap (tests/e2e/tap/), all else is as shipped.
//
// Where a word may stay: the agent's own log and configuration name the paths that the operator
// gave; nothing else of the device names them but what is installed there, and none of it leaves.

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "flotilla/v1/session.pb.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "controller/storage/journal_body.h"
#include "tests/e2e/support/health_fleet.h"
#include "tests/e2e/support/local_client.h"
#include "tests/e2e/support/plaintext.h"
#include "tests/e2e/support/sqlite_content.h"
#include "tests/support/canary_search.h"
#include "tests/support/temp_dir.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

using Finds = std::vector<std::string>;

constexpr char kUpload[] = "/flotilla.v1.MetricsService/Upload";
constexpr char kSession[] = "/flotilla.v1.DeviceService/Session";

// Eight letters, as many as a leaky engine gives away at once; no vowels, so that it is no word.
std::string RandomWord() {
  constexpr std::string_view kLetters = "bcdfghjkmnpqrstvwxz";
  std::random_device device;
  std::string word;
  while (word.size() < 8) {
    word += kLetters[device() % kLetters.size()];
  }
  return word;
}

// Rows that a killed controller left in its journal, which are compressed there.
std::string JournalText(const fs::path& file) {
  std::string text;
  const auto tables = ReadSqlite(file);
  EXPECT_TRUE(tables.ok()) << tables.status();
  for (const SqliteTable& table : tables.value_or(std::vector<SqliteTable>())) {
    for (std::size_t i = 0; table.name == "journal" && i < table.rows.size(); ++i) {
      const auto batches = controller::DecodeJournal(table.rows[i].back()).value();
      for (const controller::SqlBatch& batch : batches) {
        for (const controller::SqlRow& row : batch.rows) {
          for (const controller::SqlValue& value : row) {
            const auto* words = std::get_if<std::string>(&value);
            absl::StrAppend(&text, words == nullptr ? "" : *words, "\n");
          }
        }
      }
    }
  }
  return text;
}

struct Words {
  std::string chat = RandomWord();
  std::string completion = RandomWord();
  std::string stream = RandomWord();
  std::string malformed = RandomWord();
  std::string overlong = RandomWord();
  std::string outcome = RandomWord();
  std::string environment = RandomWord();
  std::string host = RandomWord();
  std::string state_path = RandomWord();
  std::string working_path = RandomWord();
};

class CanaryTest : public HealthFleet {
 protected:
  CanaryTest() {
    for (CanarySearch* const search : {&private_, &all_}) {
      search->Plant("chat prompt", words_.chat);
      search->Plant("completion prompt", words_.completion);
      search->Plant("streamed prompt", words_.stream);
      search->Plant("malformed request", words_.malformed);
      search->Plant("overlong prompt", words_.overlong);
      search->Plant("outcome id", words_.outcome);
      search->Plant("environment", words_.environment);
      search->Plant("host name", words_.host);
    }
    all_.Plant("path of the state", words_.state_path);
    all_.Plant("working folder", words_.working_path);
  }

  // A tapped device that serves 1.0.0.
  void StartDevice(const std::string& engine = "flotilla-engine") {
    device_ = site_.AddBareDevice("ward-7", words_.state_path);
    const auto token = site_.CreateToken({"--uses", "1"});
    ASSERT_TRUE(token.ok()) << token.status();
    site_.WriteAgentConfig(*device_, *token,
                           absl::StrCat(OwnersLine(), "engine_path: ", Program(engine), "\n"));
    const fs::path working = device_->folder() / words_.working_path;
    fs::create_directories(working);
    device_->set_working_folder(working);
    device_->set_program(Program("flotilla-agent-tapped"));
    device_->set_environment({absl::StrCat("FLOTILLA_PLAINTEXT_TAP=", tap().string()),
                              absl::StrCat("FLOTILLA_TAP_HOST_NAME=", words_.host),
                              absl::StrCat("HOSTNAME=", words_.host),
                              absl::StrCat("WARD_SECRET=", words_.environment)});
    Must(device_->Start());
    Must(site_.Push("1.0.0", kModelV1, 40));
    ASSERT_TRUE(Eventually([&] { return site_.Run({"device", "get", "ward-7"}).ok(); }));
    Must(site_.RollOut("1.0.0", {{"all", 0}}));
    ASSERT_TRUE(Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }));
    ASSERT_TRUE(Eventually([&] { return Local().Chat(Asked(words_.chat), 1).status == 200; }));
  }
  LocalClient Local() const { return {device_->Url(), kLine}; }
  static std::string Asked(const std::string& word) { return absl::StrCat(word, " ", kQuestion); }

  // Of each kind one; what it is answered with is right.
  void AskInEveryWay() {
    const LocalClient local = Local();
    const HttpResult chat = local.Chat(Asked(words_.chat), 8);
    EXPECT_EQ(chat.status, 200) << chat.body;
    EXPECT_EQ(local.Completion(Asked(words_.completion), 8).status, 200);
    EXPECT_EQ(local.Stream(Asked(words_.stream), 8).status, 200);
    EXPECT_EQ(local.Malformed(words_.malformed).status, 400);
    EXPECT_EQ(local.Overlong(words_.overlong).status, 400);
    EXPECT_EQ(local.MarkSolved(FactsOf(chat.body).id).status, 200);
    EXPECT_EQ(local.MarkSolved(words_.outcome).status, 404);
    EXPECT_EQ(local.MarkSolved("chatcmpl-" + words_.outcome).status, 404);
  }

  // Below the device's folder and in all that its agent handed on or wrote at any time.
  Finds OnDevice() const {
    Finds finds = private_.InFolder(device_->folder(), {device_->folder() / words_.working_path});
    const auto add = [&](const Finds& more) {
      finds.insert(finds.end(), more.begin(), more.end());
    };
    add(all_.InFolder(device_->state_dir() / "health"));
    const Plaintext plaintext = ReadPlaintext(tap());
    for (const auto& [number, connection] : plaintext.connections) {
      add(all_.InBytes(absl::StrCat("TLS connection ", number), connection.written));
    }
    for (const GrpcCall& call : CallsIn(plaintext)) {
      for (const auto& [name, value] : call.stream.headers) {
        add(all_.InBytes(absl::StrCat("a header of ", call.method), absl::StrCat(name, value)));
      }
      // Also across the borders of frames.
      add(all_.InBytes(absl::StrCat("what ", call.method, " said"), call.stream.data));
    }
    for (const auto& [path, bytes] : plaintext.files) {
      const bool is_to_be_sent =
          absl::StrContains(path, "/health/") || absl::StrContains(path, "agent.db");
      add((is_to_be_sent ? all_ : private_).InBytes(absl::StrCat("written to ", path), bytes));
    }
    return finds;
  }
  // With the operator and the second party: stores, logs, everything.
  Finds Outside() const {
    Finds finds = all_.InFolder(site_.folder(), {site_.folder() / "devices"});
    for (const Finds& more :
         {all_.InFolder(party_->state_dir()), all_.InBytes("the helper's log", party_->Log()),
          all_.InBytes("the controller's journal", JournalText(site_.state_dir() / "fleet.db"))}) {
      finds.insert(finds.end(), more.begin(), more.end());
    }
    return finds;
  }

  // A tap that saw nothing proves nothing.
  void ExpectTheTapSawAllTraffic() const {
    const Plaintext plaintext = ReadPlaintext(tap());
    EXPECT_GE(CountCalls(plaintext, kUpload), 1U);
    bool hello = false;
    for (const GrpcCall& call : CallsIn(plaintext)) {
      v1::SessionRequest first;
      hello = hello || (call.method == kSession && !call.messages.empty() &&
                        first.ParseFromString(call.messages.front()) &&
                        first.hello().device_id() == "ward-7");
    }
    EXPECT_TRUE(hello);
    const Finds requests = HttpRequestsIn(plaintext);
    EXPECT_THAT(requests, testing::Contains(testing::StartsWith("GET /"))) << requests.size();
    EXPECT_FALSE(plaintext.engine_events.empty());
    EXPECT_TRUE(std::any_of(plaintext.files.begin(), plaintext.files.end(), [](const auto& file) {
      return absl::StrContains(file.first, "/health/spool/");
    }));
  }

  fs::path tap() const { return taps_.path() / "tap"; }

  const TempDir taps_;
  const Words words_;
  // What may not leave the user's hands, and that with what may not leave the device.
  CanarySearch private_;
  CanarySearch all_;
  Device* device_ = nullptr;
};

TEST_F(CanaryTest, NoPlantedWordLeavesTheDeviceOrIsWrittenDown) {
  ASSERT_NO_FATAL_FAILURE(StartDevice());
  Register(*device_);
  const auto reporters = Reporters(120, 0);
  const auto task = Ask("decode_tps_p50", "10s");
  ASSERT_TRUE(task.ok()) << task.status();
  ASSERT_TRUE(Reaches(*task, "MEASURING", absl::Seconds(60)) ||
              Reaches(*task, "REPORTING", absl::Seconds(60)));
  AskInEveryWay();
  // The engine has the agent's environment.
  for (const pid_t engine : device_->process().Children("flotilla-engine")) {
    EXPECT_TRUE(absl::StrContains(FileText(absl::StrCat("/proc/", engine, "/environ")),
                                  words_.environment));
  }
  ASSERT_TRUE(Reaches(*task, "COLLECTED", absl::Seconds(120))) << NewestWindow(*task).reason;
  // The device was one of those that reported.
  EXPECT_EQ(NewestWindow(*task).reports, 121);
  device_->Stop();
  party_->Kill();
  site_.KillController();

  ExpectTheTapSawAllTraffic();
  EXPECT_EQ(OnDevice(), Finds());
  EXPECT_EQ(Outside(), Finds());
  // The same searches find what is planted there.
  std::ofstream(device_->state_dir() / "health/planted")
      << absl::Base64Escape(absl::StrCat("ab", words_.host));
  EXPECT_THAT(OnDevice(), testing::Contains(testing::HasSubstr("host name in base64, phase 2")));
  std::ofstream(site_.state_dir() / "planted")
      << std::string(words_.state_path.rbegin(), words_.state_path.rend());
  EXPECT_THAT(Outside(), testing::ElementsAre(testing::HasSubstr("path of the state reversed")));
}

TEST_F(CanaryTest, FindsTheWordThatALeakyEngineGivesAwayByteByByte) {
  ASSERT_NO_FATAL_FAILURE(StartDevice("flotilla-engine-leaky"));
  for (std::size_t i = 0; i < words_.chat.size(); ++i) {
    EXPECT_EQ(Local().Chat(Asked(words_.chat), 1).status, 200);
  }
  device_->Stop();
  EXPECT_THAT(OnDevice(), testing::Contains(testing::HasSubstr("chat prompt in hexadecimal")));
}

}  // namespace
}  // namespace flotilla::e2e
