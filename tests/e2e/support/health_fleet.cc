#include "tests/e2e/support/health_fleet.h"

#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace flotilla::e2e {
namespace {

namespace json = boost::json;

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

SiteOptions WithHelper(SiteOptions options, SecondParty& party) {
  const Status set_up = party.SetUp();
  EXPECT_TRUE(set_up.ok()) << set_up;
  options.more_config += party.ControllerLines();
  return options;
}

}  // namespace

std::int64_t Number(const json::value* value) {
  if (value == nullptr) {
    return 0;
  }
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

HealthFleet::HealthFleet(const SiteOptions& options)
    : HealthFleet(options, std::make_unique<SecondParty>()) {}

HealthFleet::HealthFleet(const SiteOptions& options, std::unique_ptr<SecondParty> party)
    : FleetTest(WithHelper(options, *party)), party_(std::move(party)) {}

StatusOr<std::string> HealthFleet::Ask(const std::string& metric, const std::string& window) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::value answer,
                            site_.Json({"health", "ask", metric, "--line", kLine, "--release",
                                        "1.0.0", "--demo", "--window", window}));
  return Text(answer, "/id");
}

ShownWindow HealthFleet::NewestWindow(const std::string& task) {
  const auto answer = site_.Json({"health", "show", "--task", task});
  const json::value* const windows = answer.ok() ? At(*answer, "/results/0/windows") : nullptr;
  return windows == nullptr || windows->as_array().empty() ? ShownWindow()
                                                           : WindowOf(windows->as_array().back());
}

bool HealthFleet::Reaches(const std::string& task, const std::string& state, Duration limit) {
  return Eventually([&] { return NewestWindow(task).state == "HEALTH_WINDOW_STATE_" + state; },
                    limit);
}

std::unique_ptr<Process> HealthFleet::Reporters(int count, int bad_percent, const Command& more) {
  const std::filesystem::path keys = site_.folder() / "reporting.keys";
  const auto token = site_.CreateToken({"--uses", std::to_string(count)});
  EXPECT_TRUE(token.ok()) << token.status();
  Command command = {Program("flotilla-reporters"),
                     "--enrolment",
                     site_.Listener("enrolment"),
                     "--device",
                     site_.Listener("device"),
                     "--token",
                     token.value_or(""),
                     "--count",
                     std::to_string(count),
                     "--reporting-keys-out",
                     keys.string(),
                     "--helper-identity",
                     party_->identity().string(),
                     "--bad-percent",
                     std::to_string(bad_percent),
                     "--windows",
                     "1"};
  command.insert(command.end(), more.begin(), more.end());
  auto process = Process::Start(command, reporters_log());
  EXPECT_TRUE(process.ok()) << process.status();
  EXPECT_TRUE(Eventually(
      [&] {
        const std::string text = FileText(keys);
        return std::count(text.begin(), text.end(), '\n') == count;
      },
      absl::Seconds(240)))
      << FileText(reporters_log());
  Must(party_->Register(keys));
  return *std::move(process);
}

StatusOr<json::value> HealthFleet::Truth() const {
  for (const auto& line : absl::StrSplit(FileText(reporters_log()), '\n')) {
    boost::system::error_code error;
    json::value value = json::parse(std::string(line), error);
    if (!error && Text(value, "/event") == "window") {
      return value;
    }
  }
  return NotFound("the reporters told no truth: " + FileText(reporters_log()));
}

std::string HealthFleet::OwnersLine(const std::string& more) const {
  return absl::StrCat("health: {helper_identity: ", party_->identity().string(),
                      ", allow_demo: true", more, "}\n");
}

void HealthFleet::Register(const Device& device) {
  Must(party_->Register(device.state_dir() / "health/reporting.pub"));
}

}  // namespace flotilla::e2e
