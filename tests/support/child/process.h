// Real children of tests and of the load generator.
#ifndef FLOTILLA_TESTS_SUPPORT_CHILD_PROCESS_H_
#define FLOTILLA_TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"

namespace flotilla {

using Command = std::vector<std::string>;
// "NAME=value" each, beside the own environment.
using Environment = std::vector<std::string>;

// Where a child's output is appended; may be one file.
struct OutputFiles {
  std::filesystem::path out;
  std::filesystem::path err;
};

// Whom signals of the terminal (^C) reach: the child too, or its parent alone.
enum class ProcessGroup { kUnspecified = 0, kOfParent, kOwn };

// A child with its output in files. It dies with the thread that started it, whatever ends that;
// its own children do not. No signal is blocked in it. One thread at a time.
class Process {
 public:
  // A program without '/' is found by PATH; one that is not there ends with exit code 127. Errors
  // by errno: the files cannot be opened, the child cannot be made.
  static StatusOr<std::unique_ptr<Process>> StartWith(const Command& command,
                                                      const OutputFiles& files,
                                                      const Environment& environment = {},
                                                      ProcessGroup group = ProcessGroup::kOfParent);
  // Output of both kinds is appended to `log`.
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

// Children of any process whose command holds `name`; one that has ended has no command.
std::vector<pid_t> ChildrenOf(pid_t parent, const std::string& name);

// True as soon as `condition` is; false when `limit` is over. Looks every 20 ms.
bool WaitUntil(Duration limit, const std::function<bool()>& condition);

// The whole file as text; empty when it cannot be read.
std::string FileText(const std::filesystem::path& path);

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_CHILD_PROCESS_H_
