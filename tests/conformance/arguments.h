// The command line of TUF's public conformance suite.
#ifndef FLOTILLA_TESTS_CONFORMANCE_ARGUMENTS_H_
#define FLOTILLA_TESTS_CONFORMANCE_ARGUMENTS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"

namespace flotilla::conformance {

enum class Command { kUnspecified = 0, kInit, kRefresh, kDownload };

struct Arguments {
  Command command = Command::kUnspecified;
  std::string metadata_url;  // used as it stands
  std::filesystem::path metadata_dir;
  std::vector<std::string> target_names;  // in order
  std::filesystem::path target_dir;
  std::string target_base_url;  // used as it stands
  std::filesystem::path trusted_root;
};

//   --metadata-dir DIR init TRUSTED_ROOT_FILE
//   --metadata-url URL --metadata-dir DIR refresh
//   --metadata-url URL --metadata-dir DIR --target-name PATH [--target-name PATH ...]
//     --target-dir TDIR --target-base-url URL download
// Options stand before the command, in any order. INVALID_ARGUMENT for anything else.
StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_ARGUMENTS_H_
