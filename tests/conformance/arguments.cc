#include "tests/conformance/arguments.h"

#include <cstddef>
#include <string>
#include <vector>

namespace flotilla::conformance {
namespace {

Status TakeOption(const std::string& name, const std::string& value, Arguments& arguments) {
  if (name == "--metadata-url") {
    arguments.metadata_url = value;
  } else if (name == "--metadata-dir") {
    arguments.metadata_dir = value;
  } else if (name == "--target-name") {
    arguments.target_names.push_back(value);
  } else if (name == "--target-dir") {
    arguments.target_dir = value;
  } else if (name == "--target-base-url") {
    arguments.target_base_url = value;
  } else {
    return InvalidArgument("unknown option " + name);
  }
  return OkStatus();
}

StatusOr<Command> CommandOf(const std::string& word) {
  if (word == "init") {
    return Command::kInit;
  }
  if (word == "refresh") {
    return Command::kRefresh;
  }
  if (word == "download") {
    return Command::kDownload;
  }
  return InvalidArgument("'" + word + "' is none of init, refresh, download");
}

bool IsComplete(const Arguments& arguments) {
  switch (arguments.command) {
    case Command::kInit:
      return !arguments.metadata_dir.empty() && !arguments.trusted_root.empty();
    case Command::kRefresh:
      return !arguments.metadata_dir.empty() && !arguments.metadata_url.empty();
    case Command::kDownload:
      return !arguments.metadata_dir.empty() && !arguments.metadata_url.empty() &&
             !arguments.target_names.empty() && !arguments.target_dir.empty() &&
             !arguments.target_base_url.empty();
    case Command::kUnspecified:
      break;
  }
  return false;
}

}  // namespace

StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words) {
  Arguments arguments;
  std::size_t at = 0;
  while (at < words.size() && words[at].starts_with("--")) {
    if (at + 1 == words.size()) {
      return InvalidArgument(words[at] + " needs a value");
    }
    FLOTILLA_RETURN_IF_ERROR(TakeOption(words[at], words[at + 1], arguments));
    at += 2;
  }
  if (at == words.size()) {
    return InvalidArgument("init, refresh or download is missing");
  }
  FLOTILLA_ASSIGN_OR_RETURN(arguments.command, CommandOf(words[at]));
  ++at;
  if (arguments.command == Command::kInit && at < words.size()) {
    arguments.trusted_root = words[at];
    ++at;
  }
  if (at != words.size() || !IsComplete(arguments)) {
    return InvalidArgument("options are missing, or there is too much");
  }
  return arguments;
}

}  // namespace flotilla::conformance
