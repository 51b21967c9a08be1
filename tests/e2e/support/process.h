// Real processes for tests of the whole system.
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_PROCESS_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"

namespace flotilla::e2e {

using Command = std::vector<std::string>;
// "NAME=value" each, beside the environment of the test.
using Environment = std::vector<std::string>;

// A child with its output in a file; it dies with the test, whatever ends that.
class Process {
 public:
  // UNAVAILABLE when it cannot be started. Output is appended to `log`.
  static StatusOr<std::unique_ptr<Process>> Start(const Command& command,
                                                  const std::filesystem::path& log,
                                                  const Environment& environment = {});
  // Kills it and waits.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int number) const;
  // SIGKILL, and it is gone when this returns.
  void Kill();
  // The exit code (128 + signal when a signal ended it); nothing when it still runs after `limit`.
  std::optional<int> Wait(Duration limit);
  // Children of this process whose command holds `name`.
  std::vector<pid_t> Children(const std::string& name) const;

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  pid_t pid_;
  std::optional<int> exit_code_;
};

struct CommandResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// Runs a command to its end; exit code 124 when it had to be killed after `limit`.
CommandResult RunCommand(const Command& command, const Environment& environment,
                         Duration limit = absl::Seconds(60));

// True as soon as `condition` is; false when `limit` is over. Looks every 20 ms.
bool WaitUntil(Duration limit, const std::function<bool()>& condition);

// The whole file as text; empty when it cannot be read.
std::string FileText(const std::filesystem::path& path);

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_PROCESS_H_
