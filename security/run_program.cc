#include "security/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include <array>
#include <chrono>
#include <utility>

#include "base/unique_fd.h"

namespace flotilla::security {
namespace {

constexpr std::size_t kMaxText = std::size_t{64} * 1024;
constexpr std::size_t kKeptMessages = 4096;
constexpr int kGraceMillis = 1000;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

StatusOr<Pipe> NewPipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return ErrnoStatus(errno, "pipe");
  }
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  if (::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) != 0) {
    return ErrnoStatus(errno, "pipe");
  }
  return pipe;
}

// A file rather than a pipe: the program may read it late, twice or never, and no SIGPIPE comes.
StatusOr<UniqueFd> InputFile(ByteView input) {
  UniqueFd file(::memfd_create("to-be-signed", MFD_CLOEXEC));
  std::size_t done = 0;
  while (file.valid() && done < input.size()) {
    const ::ssize_t count = ::write(file.get(), input.data() + done, input.size() - done);
    if (count < 0 && errno != EINTR) {
      return ErrnoStatus(errno, "memfd");
    }
    done += count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  if (!file.valid() || ::lseek(file.get(), 0, SEEK_SET) != 0) {
    return ErrnoStatus(errno, "memfd");
  }
  return file;
}

// posix_spawn's two descriptions of the child.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  int Start(const std::string& program, int in, int out, int err, ::pid_t& child) {
    ::posix_spawn_file_actions_adddup2(&actions_, in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
    sigset_t none{};
    sigset_t all{};
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string name = program;
    std::array<char*, 2> arguments{name.data(), nullptr};
    return ::posix_spawnp(&child, program.c_str(), &actions_, &attributes_, arguments.data(),
                          ::environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

class Child {
 public:
  Child(::pid_t pid, Pipe out, Pipe err)
      : pid_(pid),
        exit_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
        out_(std::move(out)),
        err_(std::move(err)) {
    out_.write.Reset();
    err_.write.Reset();
  }
  ~Child() { End(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Status Watch(Duration timeout, const std::function<void(std::string_view)>& on_message,
               ProgramOutput& output) {
    const auto end = std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(timeout);
    while (true) {
      std::array<pollfd, 3> events{pollfd{exit_.get(), POLLIN, 0},
                                   pollfd{out_.read.get(), POLLIN, 0},
                                   pollfd{err_.read.get(), POLLIN, 0}};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      const int ready = left.count() <= 0
                            ? 0
                            : ::poll(events.data(), events.size(), static_cast<int>(left.count()));
      if (ready == 0) {
        return DeadlineExceeded("no answer within " + DurationText(timeout));
      }
      if (ready < 0 && errno != EINTR) {
        return ErrnoStatus(errno, "poll");
      }
      Drain(out_.read, [&](std::string_view text) { output.text += text; });
      Drain(err_.read, [&](std::string_view text) { Keep(text, on_message, output.messages); });
      if (output.text.size() > kMaxText) {
        return ResourceExhausted("more than 64 KiB of output");
      }
      if (ready > 0 && events[0].revents != 0) {
        break;
      }
    }
    // What it wrote last may have come after the reads above.
    Drain(out_.read, [&](std::string_view text) { output.text += text; });
    Drain(err_.read, [&](std::string_view text) { Keep(text, on_message, output.messages); });
    output.exit_code = End();
    return OkStatus();
  }

 private:
  static void Keep(std::string_view text, const std::function<void(std::string_view)>& on_message,
                   std::string& messages) {
    if (on_message) {
      on_message(text);
    }
    messages += text;
    if (messages.size() > kKeptMessages) {
      messages.erase(0, messages.size() - kKeptMessages);
    }
  }

  // Reads until there is nothing now; closes at the end of the stream.
  template <typename Sink>
  static void Drain(UniqueFd& from, const Sink& sink) {
    std::array<char, 4096> block{};
    while (from.valid()) {
      const ::ssize_t count = ::read(from.get(), block.data(), block.size());
      if (count > 0) {
        sink(std::string_view(block.data(), static_cast<std::size_t>(count)));
      } else if (count < 0 && errno == EAGAIN) {
        return;
      } else if (count == 0 || errno != EINTR) {
        from.Reset();
      }
    }
  }

  // Ends it if it still runs, and collects its exit code.
  int End() {
    if (pid_ <= 0) {
      return 0;
    }
    pollfd event{exit_.get(), POLLIN, 0};
    if (::poll(&event, 1, 0) <= 0) {
      ::kill(pid_, SIGTERM);
      if (::poll(&event, 1, kGraceMillis) <= 0) {
        ::kill(pid_, SIGKILL);
      }
    }
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  ::pid_t pid_;
  UniqueFd exit_;
  Pipe out_;
  Pipe err_;
};

}  // namespace

StatusOr<ProgramOutput> RunProgram(const std::string& program, ByteView input, Duration timeout,
                                   const std::function<void(std::string_view)>& on_message) {
  FLOTILLA_ASSIGN_OR_RETURN(const UniqueFd in, InputFile(input));
  FLOTILLA_ASSIGN_OR_RETURN(Pipe out, NewPipe());
  FLOTILLA_ASSIGN_OR_RETURN(Pipe err, NewPipe());
  ::pid_t pid = 0;
  const int error = SpawnPlan().Start(program, in.get(), out.write.get(), err.write.get(), pid);
  if (error != 0) {
    return ErrnoStatus(error, "starting " + program);
  }
  Child child(pid, std::move(out), std::move(err));
  ProgramOutput output;
  const Status status = child.Watch(timeout, on_message, output);
  if (!status.ok()) {
    return Annotate(status, program);
  }
  return output;
}

}  // namespace flotilla::security
