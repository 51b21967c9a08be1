// Private health through the programs: a controller that leads, a second party's aggregator that
// helps, devices that report.

#include <signal.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/second_party.h"

namespace flotilla::e2e {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

// The window of a task as `fleetctl health show -o json` has it.
struct ShownWindow {
  std::string state;
  std::string reason;
  std::int64_t reports = 0;
  double interval = 0;
  std::vector<std::int64_t> counts;
};

std::int64_t Number(const json::value* value) {
  if (value == nullptr) {
    return 0;  // protobuf leaves out zeros
  }
  // 64 bits travel as text.
  return value->is_string() ? std::stoll(std::string(value->as_string()))
                            : value->to_number<std::int64_t>();
}

const json::value* At(const json::value& value, const std::string& pointer) {
  boost::system::error_code error;
  return value.find_pointer(pointer, error);
}

std::string Text(const json::value& value, const std::string& pointer) {
  const json::value* const found = At(value, pointer);
  return found == nullptr || !found->is_string() ? "" : std::string(found->as_string());
}

ShownWindow WindowOf(const json::value& window) {
  ShownWindow shown;
  shown.state = Text(window, "/state");
  shown.reason = Text(window, "/reason");
  shown.reports = Number(At(window, "/reports"));
  const json::value* const interval = At(window, "/interval_95");
  shown.interval = interval == nullptr ? 0 : interval->to_number<double>();
  const json::value* const buckets = At(window, "/buckets");
  for (const json::value& bucket : buckets == nullptr ? json::array() : buckets->as_array()) {
    shown.counts.push_back(Number(At(bucket, "/count")));
  }
  return shown;
}

class HealthTest : public FleetTest {
 protected:
  HealthTest() : HealthTest(std::make_unique<SecondParty>()) {}

  // A device answers nothing unless its owner has pinned the helper.
  StatusOr<std::string> Ask(const std::string& window) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::value answer,
                              site_.Json({"health", "ask", "decode_tps_p50", "--line", kLine,
                                          "--release", "1.0.0", "--demo", "--window", window}));
    return Text(answer, "/id");
  }
  // The first window of the task; empty while there is none.
  ShownWindow FirstWindow(const std::string& task) {
    const auto answer = site_.Json({"health", "show", "--task", task});
    const json::value* const windows = answer.ok() ? At(*answer, "/results/0/windows") : nullptr;
    return windows == nullptr || windows->as_array().empty() ? ShownWindow()
                                                             : WindowOf(windows->as_array().back());
  }
  bool Reaches(const std::string& task, const std::string& state, Duration limit) {
    return Eventually([&] { return FirstWindow(task).state == "HEALTH_WINDOW_STATE_" + state; },
                      limit);
  }
  // Starts simulated devices; they are enrolled and registered with the helper.
  std::unique_ptr<Process> Reporters(int count, int bad_percent) {
    const auto token = site_.CreateToken({"--uses", std::to_string(count)});
    EXPECT_TRUE(token.ok()) << token.status();
    auto process = Process::Start(
        {Program("flotilla-reporters"), "--enrolment", site_.Listener("enrolment"), "--device",
         site_.Listener("device"), "--token", token.value_or(""), "--count", std::to_string(count),
         "--reporting-keys-out", keys().string(), "--helper-identity", party_->identity().string(),
         "--bad-percent", std::to_string(bad_percent), "--windows", "1"},
        reporters_log());
    EXPECT_TRUE(process.ok()) << process.status();
    EXPECT_TRUE(Eventually(
        [&] {
          const std::string text = FileText(keys());
          return std::count(text.begin(), text.end(), '\n') == count;
        },
        absl::Seconds(240)))
        << FileText(reporters_log());
    Must(party_->Register(keys()));
    return *std::move(process);
  }
  fs::path keys() const { return site_.folder() / "reporting.keys"; }
  fs::path reporters_log() const { return site_.folder() / "reporters.log"; }
  // What the simulated devices really sent.
  StatusOr<json::value> Truth() const {
    for (const auto& line : absl::StrSplit(FileText(reporters_log()), '\n')) {
      boost::system::error_code error;
      json::value value = json::parse(std::string(line), error);
      if (!error && Text(value, "/event") == "window") {
        return value;
      }
    }
    return NotFound("the reporters told no truth: " + FileText(reporters_log()));
  }

  std::unique_ptr<SecondParty> party_;

 private:
  explicit HealthTest(std::unique_ptr<SecondParty> party)
      : FleetTest(OptionsFor(*party)), party_(std::move(party)) {}
  static SiteOptions OptionsFor(SecondParty& party) {
    const Status set_up = party.SetUp();
    EXPECT_TRUE(set_up.ok()) << set_up;
    SiteOptions options;
    options.more_config = party.ControllerLines();
    return options;
  }
};

// Every file below the folder that holds the text.
std::vector<std::string> FilesWith(const fs::path& folder, const std::string& text) {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && absl::StrContains(FileText(entry.path()), text)) {
      found.push_back(entry.path().string());
    }
  }
  return found;
}

TEST_F(HealthTest, AThousandDevicesAreSummedUpThoughTheHelperDiesInTheMiddleOfAJob) {
  constexpr int kDevices = 1000;
  Must(site_.Push("1.0.0", kModelV1, 40));
  const auto reporters = Reporters(kDevices, 1);
  const auto task = Ask("30s");
  ASSERT_TRUE(task.ok()) << task.status();

  // The job reaches a helper that does not move, which then dies at work.
  ASSERT_TRUE(Reaches(*task, "REPORTING", absl::Seconds(120)));
  ASSERT_EQ(reporters->Wait(absl::Seconds(120)), 0) << FileText(reporters_log());
  party_->process().Signal(SIGSTOP);
  ASSERT_TRUE(Reaches(*task, "VERIFYING", absl::Seconds(120)));
  party_->process().Signal(SIGCONT);
  party_->Kill();
  Must(party_->Start());

  ASSERT_TRUE(Reaches(*task, "COLLECTED", absl::Seconds(180))) << FirstWindow(*task).reason;
  const ShownWindow shown = FirstWindow(*task);
  const auto truth = Truth();
  ASSERT_TRUE(truth.ok()) << truth.status();
  std::int64_t honest = 0;
  std::size_t outside = 0;
  const json::array& counts = At(*truth, "/counts")->as_array();
  ASSERT_EQ(shown.counts.size(), counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::int64_t count = Number(&counts[i]);
    honest += count;
    const auto off = static_cast<double>(std::abs(shown.counts[i] - count));
    outside += off > shown.interval ? 1 : 0;
    EXPECT_LE(off, 4 * shown.interval) << "bucket " << i;
  }
  // Of 24 buckets at 95 % each more than six lie outside once in 10^4 runs.
  EXPECT_LE(outside, 6U);
  EXPECT_EQ(shown.reports, honest);
  EXPECT_EQ(honest, kDevices - kDevices / 100) << "one in a hundred breaks the protocol";

  // Neither party keeps which device reported; the owner's list of devices alone names them.
  EXPECT_EQ(FilesWith(site_.state_dir() / "health", "sim-0"), std::vector<std::string>());
  EXPECT_EQ(FilesWith(party_->state_dir(), "sim-0"),
            std::vector<std::string>{(party_->state_dir() / "devices").string()});
}

// The forms in which a word could get out: as it is, as UTF-16, in base64 at each of its three
// phases, in hexadecimal, and the other way round.
std::vector<std::string> FormsOf(const std::string& word) {
  std::string wide;
  for (const char letter : word) {
    wide.append({letter, '\0'});
  }
  std::vector<std::string> forms = {word, wide, absl::BytesToHexString(word),
                                    absl::AsciiStrToUpper(absl::BytesToHexString(word)),
                                    std::string(word.rbegin(), word.rend())};
  for (std::size_t phase = 0; phase < 3; ++phase) {
    // Without the letters that depend on what stands before and after.
    const std::string text = absl::Base64Escape(std::string(phase, 'x') + word);
    forms.push_back(text.substr(phase == 0 ? 0 : 4, word.size()));
  }
  return forms;
}

std::vector<std::string> FilesWithAnyForm(const fs::path& folder, const std::string& word) {
  std::vector<std::string> found;
  for (const std::string& form : FormsOf(word)) {
    const std::vector<std::string> files = FilesWith(folder, form);
    found.insert(found.end(), files.begin(), files.end());
  }
  return found;
}

TEST_F(HealthTest, WordsOfAPromptAreFoundInNoFileOfDeviceControllerOrHelper) {
  constexpr char kWord[] = "Zyxomma-petiolatum-4711";
  const auto device = site_.AddDevice("ward-7");
  ASSERT_TRUE(device.ok()) << device.status();
  const auto token = site_.CreateToken({"--uses", "1"});
  ASSERT_TRUE(token.ok()) << token.status();
  site_.WriteAgentConfig(**device, *token,
                         absl::StrCat("health: {helper_identity: ", party_->identity().string(),
                                      ", allow_demo: true}\n"));
  Must((*device)->Start());
  Must(site_.Push("1.0.0", kModelV1, 40));
  ASSERT_TRUE(Eventually([&] { return site_.Run({"device", "get", "ward-7"}).ok(); }));
  Must(site_.RollOut("1.0.0", {{"all", 0}}));
  ASSERT_TRUE(Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }));
  Must(party_->Register((*device)->state_dir() / "health/reporting.pub"));
  const auto reporters = Reporters(120, 0);
  const auto task = Ask("20s");
  ASSERT_TRUE(task.ok()) << task.status();

  ASSERT_TRUE(Eventually([&] {
    return !(*device)->Ask(kLine, absl::StrCat(kWord, " ", kQuestion)).empty() &&
           FirstWindow(*task).state == "HEALTH_WINDOW_STATE_REPORTING";
  }));
  ASSERT_TRUE(Reaches(*task, "COLLECTED", absl::Seconds(120))) << FirstWindow(*task).reason;
  // The device was one of those that reported.
  EXPECT_EQ(FirstWindow(*task).reports, 121);
  (*device)->Stop();
  party_->Kill();
  site_.KillController();

  EXPECT_EQ(FilesWithAnyForm(site_.folder(), kWord), std::vector<std::string>());
  EXPECT_EQ(FilesWithAnyForm(party_->state_dir(), kWord), std::vector<std::string>());
  // The search would have found it.
  std::ofstream(site_.folder() / "planted") << absl::Base64Escape(absl::StrCat("ab", kWord));
  EXPECT_EQ(FilesWithAnyForm(site_.folder(), kWord).size(), 1U);
}

TEST_F(HealthTest, TenDevicesAreTooFewAndTheReasonIsSaid) {
  Must(site_.Push("1.0.0", kModelV1, 40));
  const auto reporters = Reporters(10, 0);
  const CommandResult asked = site_.Fleetctl({"health", "ask", "decode_tps_p50", "--line", kLine,
                                              "--release", "1.0.0", "--demo", "--window", "5s"});
  EXPECT_NE(asked.exit_code, 0);
  EXPECT_TRUE(absl::StrContains(asked.err, "100")) << asked.err;
  const CommandResult shown = site_.Fleetctl({"health", "show"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
}

}  // namespace
}  // namespace flotilla::e2e
