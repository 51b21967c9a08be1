#include "tests/e2e/support/second_party.h"

#include <fstream>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "absl/strings/str_cat.h"

#include "tests/e2e/support/site.h"

namespace flotilla::e2e {

StatusOr<std::string> SecondParty::Do(const Command& words) {
  Command command = {Program("flotilla-aggregator")};
  command.insert(command.end(), words.begin(), words.end());
  const CommandResult result = RunCommand(command, {});
  if (result.exit_code != 0) {
    return Internal(absl::StrCat("flotilla-aggregator ", words.front(), ": exit ", result.exit_code,
                                 ": ", result.out, result.err));
  }
  return result.out;
}

Status SecondParty::SetUp() {
  std::ofstream(config()) << "state_dir: " << state_dir().string()
                          << "\nhost_names: [localhost]\nlisten: \"127.0.0.1:0\"\n"
                             "allow_demo: true\n";
  FLOTILLA_RETURN_IF_ERROR(Do({"init", "--config", config()}).status());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, Do({"identity", "--config", config()}));
  std::ofstream(identity()) << pem;
  FLOTILLA_RETURN_IF_ERROR(
      Do({"leader", "--config", config(), "--out", (folder_.path() / "leader").string()}).status());
  return Start();
}

Status SecondParty::Start() {
  FLOTILLA_ASSIGN_OR_RETURN(
      process_, Process::Start({Program("flotilla-aggregator"), "run", "--config", config()},
                               folder_.path() / "log"));
  const bool up = WaitUntil(absl::Seconds(30), [this] {
    return !process_->Running() || Log().find("aggregator.ready") != std::string::npos;
  });
  return up && process_->Running() ? OkStatus() : Unavailable("no aggregator:\n" + Log());
}

std::string SecondParty::Endpoint() const {
  boost::system::error_code error;
  const boost::json::value listener =
      boost::json::parse(FileText(state_dir() / "listener.json"), error);
  const boost::json::value* endpoint =
      error ? nullptr : listener.find_pointer("/aggregation", error);
  return endpoint == nullptr || !endpoint->is_string() ? "" : std::string(endpoint->as_string());
}

std::string SecondParty::ControllerLines() const {
  return absl::StrCat("health_helper:\n  address: ", Endpoint(),
                      "\n  credentials_dir: ", (folder_.path() / "leader").string(),
                      "\n  operated_by: Site IT\n  independent: true\n");
}

Status SecondParty::Register(const std::filesystem::path& keys) const {
  return Do({"device", "add", "--config", config(), keys.string()}).status();
}

}  // namespace flotilla::e2e
