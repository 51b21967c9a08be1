#include "engine/worker/hardening.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <limits>
#include <string_view>

#include "base/log.h"
#include "base/unique_fd.h"

namespace flotilla::engine {
namespace {

Status CloseOthers(int control_fd) {
  constexpr unsigned kFirst = 3;
  const auto kept = static_cast<unsigned>(control_fd);
  const bool before = kept <= kFirst || ::close_range(kFirst, kept - 1, 0) == 0;
  const unsigned next = kept < kFirst ? kFirst : kept + 1;
  if (!before || ::close_range(next, std::numeric_limits<unsigned>::max(), 0) != 0) {
    return ErrnoStatus(errno, "close inherited descriptors");
  }
  return OkStatus();
}

void OfferToOomKiller() {
  constexpr std::string_view kScore = "500\n";
  const UniqueFd file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (!file.valid() || ::write(file.get(), kScore.data(), kScore.size()) < 0) {
    LogStatus(LogLevel::kWarning, "engine.oom_score_adj_refused",
              ErrnoStatus(errno, "write oom_score_adj"));
  }
}

}  // namespace

Status HardenProcess(int control_fd) {
  FLOTILLA_RETURN_IF_ERROR(CloseOthers(control_fd));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) {
    return Internal("prctl: " + MessageOf(ErrnoStatus(errno, "harden the process")));
  }
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) {
    return Internal("setrlimit: " + MessageOf(ErrnoStatus(errno, "harden the process")));
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;  // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro's own
  static_cast<void>(::sigaction(SIGPIPE, &ignore, nullptr));
  // The agent's threads may block signals for their own ends.
  sigset_t none_blocked{};
  static_cast<void>(::sigemptyset(&none_blocked));
  static_cast<void>(::pthread_sigmask(SIG_SETMASK, &none_blocked, nullptr));
  OfferToOomKiller();
  return OkStatus();
}

}  // namespace flotilla::engine
