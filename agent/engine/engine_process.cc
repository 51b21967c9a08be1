#include "agent/engine/engine_process.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "base/unique_fd.h"

namespace flotilla::agent {
namespace {

constexpr int kChildControlFd = 3;
constexpr std::int64_t kLongestPollMillis = 1'000'000'000;

// posix_spawn's file actions and attributes, destroyed with the scope.
struct SpawnSetup {
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

EngineExit FromWaitStatus(int status) {
  if (WIFSIGNALED(status)) {
    return {-1, WTERMSIG(status), false};
  }
  return {WEXITSTATUS(status), 0, false};
}

}  // namespace

EngineProcess::EngineProcess(pid_t pid, engine::ControlChannel channel)
    : pid_(pid), channel_(std::move(channel)) {}

EngineProcess::EngineProcess(EngineProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      reaped_(std::exchange(other.reaped_, true)),
      channel_(std::move(other.channel_)) {}

EngineProcess::~EngineProcess() {
  if (!reaped_ && pid_ > 0) {
    Kill();
    Wait(absl::InfiniteDuration());
  }
}

StatusOr<EngineProcess> EngineProcess::Start(const std::filesystem::path& program) {
  FLOTILLA_ASSIGN_OR_RETURN(auto ends, engine::ControlChannel::Pair());
  SpawnSetup setup;
  posix_spawn_file_actions_adddup2(&setup.actions, ends.second.fd(), kChildControlFd);
  sigset_t none{};
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&setup.attributes, &none);
  posix_spawnattr_setflags(&setup.attributes, POSIX_SPAWN_SETSIGMASK);

  std::string name = program.string();
  std::string option = "--control-fd";
  std::string number = std::to_string(kChildControlFd);
  std::array<char*, 4> arguments = {name.data(), option.data(), number.data(), nullptr};
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, name.c_str(), &setup.actions, &setup.attributes, arguments.data(), environ);
  if (error != 0) {
    return ErrnoStatus(error, "start " + name);
  }
  return EngineProcess(pid, std::move(ends.first));
}

void EngineProcess::Kill() {
  const std::scoped_lock lock(mutex_);
  if (!reaped_ && pid_ > 0) {
    ::kill(pid_, SIGKILL);
  }
}

EngineExit EngineProcess::Wait(Duration patience) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  pollfd ended{process.get(), POLLIN, 0};
  const std::int64_t millis = std::min(absl::ToInt64Milliseconds(patience), kLongestPollMillis);
  while (::poll(&ended, 1, static_cast<int>(millis)) < 0 && errno == EINTR) {
  }
  const bool overdue = (ended.revents & POLLIN) == 0;
  if (overdue) {
    Kill();
  }
  int status = 0;
  siginfo_t info{};
  // Until the child is reaped its number cannot name another process: Kill stays safe.
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  const std::scoped_lock lock(mutex_);
  ::waitpid(pid_, &status, WNOHANG);
  reaped_ = true;
  EngineExit exit = FromWaitStatus(status);
  exit.overdue = overdue && exit.signal == SIGKILL;
  return exit;
}

}  // namespace flotilla::agent
