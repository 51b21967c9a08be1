#ifndef FLOTILLA_TESTS_E2E_HARNESS_PROCESS_H_
#define FLOTILLA_TESTS_E2E_HARNESS_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace flotilla::e2e {

// One child process; killed with its whole process group by the destructor. Output goes to a file.
class Process {
 public:
  // Ends the test program when the binary cannot be started: nothing can be tested then.
  Process(const std::vector<std::string>& argv, const std::filesystem::path& log);
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int signal) const;
  // Exit status; 128 + n after signal n; nullopt when it still runs after `limit`.
  std::optional<int> Wait(Duration limit);
  // SIGKILL to the process alone, as a power cut would: its children are told by the kernel only.
  // Waits for its end.
  void KillHard();

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_;
};

struct CommandResult {
  int exit = -1;
  std::string out;  // standard output
  std::string err;
};

// Runs to the end or kills it after `limit` (exit -1).
CommandResult RunCommand(const std::vector<std::string>& argv, const std::filesystem::path& scratch,
                         Duration limit);

// Polls `condition` every 20 ms until it holds. False after `limit`.
template <typename Condition>
bool Eventually(Duration limit, Condition condition);

// Sleeps; end-to-end tests watch real processes and have no other clock.
void Pause(Duration duration);
Duration SteadyNow();

template <typename Condition>
bool Eventually(Duration limit, Condition condition) {
  const Duration end = SteadyNow() + limit;
  for (;;) {
    if (condition()) {
      return true;
    }
    if (SteadyNow() > end) {
      return false;
    }
    Pause(absl::Milliseconds(20));
  }
}

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_HARNESS_PROCESS_H_
