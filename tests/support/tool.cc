#include "tests/support/tool.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <algorithm>
#include <iterator>

namespace flotilla {
namespace {

int Collect(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

StatusOr<pid_t> StartTool(const Words& words, const std::string& package) {
  std::vector<std::string> copy = words;
  std::vector<char*> arguments;
  std::transform(copy.begin(), copy.end(), std::back_inserter(arguments),
                 [](std::string& word) { return word.data(); });
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = 0;
  const int error =
      ::posix_spawnp(&pid, words.front().c_str(), &actions, nullptr, arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return NotFound(words.front() + " cannot be started: install the package " + package);
  }
  return pid;
}

Status RunTool(const Words& words, const std::string& package) {
  FLOTILLA_ASSIGN_OR_RETURN(const pid_t pid, StartTool(words, package));
  const int status = Collect(pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return OkStatus();
  }
  return Internal(words.front() + " ended with status " + std::to_string(status));
}

void EndTool(pid_t pid) {
  if (pid > 0) {
    ::kill(pid, SIGTERM);
    Collect(pid);
  }
}

}  // namespace flotilla
