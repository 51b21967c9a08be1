#include "tests/e2e/harness/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

#include "base/file.h"
#include "base/os_clock.h"

namespace flotilla::e2e {
namespace {

constexpr std::uint64_t kMaxOutput = 64U << 20U;

std::vector<char*> Pointers(std::vector<std::string>& argv) {
  std::vector<char*> pointers;
  for (std::string& argument : argv) {
    pointers.push_back(argument.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

void Redirect(const std::filesystem::path& file, int target) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0 || ::dup2(fd, target) < 0) {
    std::perror(file.c_str());
    ::_exit(127);
  }
}

pid_t Spawn(std::vector<std::string> argv, const std::filesystem::path& out,
            const std::filesystem::path& err) {
  const std::vector<char*> pointers = Pointers(argv);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    Redirect(out, STDOUT_FILENO);
    Redirect(err, STDERR_FILENO);
    ::execv(pointers[0], pointers.data());
    std::perror(pointers[0]);
    ::_exit(127);
  }
  if (pid < 0) {
    std::perror("fork");
    std::abort();
  }
  return pid;
}

std::string ReadText(const std::filesystem::path& file) {
  const auto bytes = ReadFile(file, kMaxOutput);
  return bytes.ok() ? ToText(*bytes) : std::string();
}

}  // namespace

Process::Process(const std::vector<std::string>& argv, const std::filesystem::path& log)
    : pid_(Spawn(argv, log, log)) {}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_(std::exchange(other.exit_, std::nullopt)) {}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    Wait(absl::Seconds(10));
  }
}

bool Process::Running() {
  return !Wait(absl::ZeroDuration()).has_value();
}

void Process::Signal(int signal) const {
  ::kill(pid_, signal);
}

std::optional<int> Process::Wait(Duration limit) {
  Eventually(limit, [this] {
    int status = 0;
    if (!exit_.has_value() && ::waitpid(pid_, &status, WNOHANG) == pid_) {
      exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return exit_.has_value();
  });
  return exit_;
}

void Process::KillHard() {
  ::kill(pid_, SIGKILL);
  Wait(absl::Seconds(10));
}

CommandResult RunCommand(const std::vector<std::string>& argv, const std::filesystem::path& scratch,
                         Duration limit) {
  static int counter = 0;
  const std::string stem = "command-" + std::to_string(++counter);
  const auto out = scratch / (stem + ".out");
  const auto err = scratch / (stem + ".err");
  CommandResult result;
  {
    struct Child {
      pid_t pid;
      ~Child() { ::kill(-pid, SIGKILL); }
    };
    const Child child{Spawn(argv, out, err)};
    Eventually(limit, [&] {
      int status = 0;
      if (::waitpid(child.pid, &status, WNOHANG) != child.pid) {
        return false;
      }
      result.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      return true;
    });
  }
  result.out = ReadText(out);
  result.err = ReadText(err);
  return result;
}

void Pause(Duration duration) {
  absl::SleepFor(duration);
}

Duration SteadyNow() {
  return OsClock().Monotonic();
}

}  // namespace flotilla::e2e
