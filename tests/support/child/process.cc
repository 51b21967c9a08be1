#include "tests/support/child/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace flotilla {
namespace {

// What the child is made with.
struct Making {
  UniqueFd out;
  UniqueFd err;
  ProcessGroup group = ProcessGroup::kUnspecified;
};

std::vector<char*> Pointers(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) {
    pointers.push_back(
        const_cast<char*>(word.c_str()));  // execvpe's old signature; it writes nothing
  }
  pointers.push_back(nullptr);
  return pointers;
}

// What is in `more` stands in place of this process's own.
std::vector<std::string> FullEnvironment(const Environment& more) {
  std::vector<std::string> all(more);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string own = *entry;
    const std::string name = own.substr(0, own.find('=') + 1);
    if (std::none_of(more.begin(), more.end(),
                     [&name](const std::string& one) { return one.starts_with(name); })) {
      all.push_back(own);
    }
  }
  return all;
}

// Only calls that are safe between fork and exec.
[[noreturn]] void BecomeChild(pid_t parent, const std::vector<char*>& arguments,
                              const std::vector<char*>& environment, const Making& with) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(127);  // it ended before it could be watched
  }
  if (with.group == ProcessGroup::kOwn) {
    ::setpgid(0, 0);
  }
  sigset_t none{};
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(with.out.get(), STDOUT_FILENO);
  ::dup2(with.err.get(), STDERR_FILENO);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::execvpe(arguments[0], arguments.data(), environment.data());
  ::_exit(127);
}

StatusOr<pid_t> Spawn(const Command& command, const Environment& environment, const Making& with) {
  const std::vector<std::string> all = FullEnvironment(environment);
  const std::vector<char*> arguments = Pointers(command);
  const std::vector<char*> variables = Pointers(all);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    BecomeChild(parent, arguments, variables, with);
  }
  return pid > 0 ? StatusOr<pid_t>(pid) : ErrnoStatus(errno, "fork");
}

StatusOr<UniqueFd> OpenForAppending(const std::filesystem::path& path) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file.valid()) {
    return ErrnoStatus(errno, path.string());
  }
  return file;
}

int CodeOf(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

pid_t ParentOf(pid_t pid) {
  const std::string stat = FileText("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t after_name = stat.rfind(')');
  if (after_name == std::string::npos || after_name + 4 >= stat.size()) {
    return 0;
  }
  return static_cast<pid_t>(std::stol(stat.substr(after_name + 4)));
}

}  // namespace

StatusOr<std::unique_ptr<Process>> Process::StartWith(const Command& command,
                                                      const OutputFiles& files,
                                                      const Environment& environment,
                                                      ProcessGroup group) {
  Making with;
  FLOTILLA_ASSIGN_OR_RETURN(with.out, OpenForAppending(files.out));
  FLOTILLA_ASSIGN_OR_RETURN(with.err, OpenForAppending(files.err));
  with.group = group;
  FLOTILLA_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, environment, with));
  return std::unique_ptr<Process>(new Process(pid));
}

StatusOr<std::unique_ptr<Process>> Process::Start(const Command& command,
                                                  const std::filesystem::path& log,
                                                  const Environment& environment) {
  return StartWith(command, {log, log}, environment);
}

Process::~Process() {
  Kill();
}

bool Process::Running() {
  return !Wait(absl::ZeroDuration()).has_value();
}

void Process::Signal(int number) const {
  if (!exit_code_.has_value()) {
    ::kill(pid_, number);
  }
}

void Process::Kill() {
  if (Running()) {
    Signal(SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    exit_code_ = CodeOf(status);
  }
}

std::optional<int> Process::Wait(Duration limit) {
  WaitUntil(limit, [this] {
    int status = 0;
    if (!exit_code_.has_value() && ::waitpid(pid_, &status, WNOHANG) == pid_) {
      exit_code_ = CodeOf(status);
    }
    return exit_code_.has_value();
  });
  return exit_code_;
}

std::vector<pid_t> Process::Children(const std::string& name) const {
  return ChildrenOf(pid_, name);
}

std::vector<pid_t> ChildrenOf(pid_t parent, const std::string& name) {
  std::vector<pid_t> children;
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end;
       it.increment(error)) {
    const std::string folder = it->path().filename().string();
    if (folder.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    const auto pid = static_cast<pid_t>(std::stol(folder));
    const std::string command = FileText(it->path() / "cmdline");
    if (ParentOf(pid) == parent && command.find(name) != std::string::npos) {
      children.push_back(pid);
    }
  }
  return children;
}

bool WaitUntil(Duration limit, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(limit);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

std::string FileText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace flotilla
