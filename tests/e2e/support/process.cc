#include "tests/e2e/support/process.h"

#include "tests/support/temp_dir.h"

namespace flotilla::e2e {
namespace {

constexpr int kTimedOut = 124;

}  // namespace

CommandResult RunCommand(const Command& command, const Environment& environment, Duration limit) {
  const TempDir folder;
  const OutputFiles files{folder.path() / "out", folder.path() / "err"};
  CommandResult result;
  const auto process = Process::StartWith(command, files, environment);
  if (!process.ok()) {
    result.err = MessageOf(process.status());
    return result;
  }
  result.exit_code = (*process)->Wait(limit).value_or(kTimedOut);
  (*process)->Kill();
  result.out = FileText(files.out);
  result.err = FileText(files.err);
  return result;
}

}  // namespace flotilla::e2e
