#include "fleetctl/trust/secret_prompt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include <array>
#include <utility>

#include "base/unique_fd.h"

namespace flotilla::fleetctl {
namespace {

using security::Secret;
using security::SecretKind;
using security::SecretQuestion;

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

// The terminal without echo, and the signals that would leave it so held back; both undone when it
// goes, in this order.
class QuietTerminal {
 public:
  explicit QuietTerminal(int terminal)
      : terminal_(terminal), known_(::tcgetattr(terminal, &before_) == 0) {
    sigset_t held{};
    ::sigemptyset(&held);
    for (const int number : kSignals) {
      ::sigaddset(&held, number);
    }
    ::pthread_sigmask(SIG_BLOCK, &held, &mask_before_);
    signals_.Reset(::signalfd(-1, &held, SFD_CLOEXEC));
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ICANON | ISIG | ECHONL;
    known_ = known_ && ::tcsetattr(terminal_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (known_) {
      ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  bool ready() const { return known_ && signals_.valid(); }
  // False when a signal came first.
  bool WaitForLine() const {
    std::array<pollfd, 2> events{pollfd{terminal_, POLLIN, 0}, pollfd{signals_.get(), POLLIN, 0}};
    while (::poll(events.data(), events.size(), -1) < 0 && errno == EINTR) {
    }
    return events[1].revents == 0;
  }

 private:
  int terminal_;
  UniqueFd signals_;
  sigset_t mask_before_{};
  termios before_{};
  bool known_;
};

std::string NameOf(const SecretQuestion& question) {
  return (question.kind == SecretKind::kPin ? "PIN of " : "passphrase of ") + question.holder;
}

}  // namespace

void AddSecretOptions(CLI::App& command, SecretOptions& options) {
  command.add_option("--passphrase-file", options.passphrase_file,
                     "File with the passphrase of the key, when it is encrypted");
  command
      .add_option("--passphrase-fd", options.passphrase_fd,
                  "Open descriptor to read it from: one line a key")
      ->check(CLI::Range(0, 1023));
  command.add_option("--pin-file", options.pin_file,
                     "File with the PIN of the token; else its URI's pin-source, else a question");
}

StatusOr<Secret> AskTerminal(const std::string& device, const std::string& prompt) {
  const UniqueFd terminal(::open(device.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid()) {
    return FailedPrecondition("nobody can be asked here (no terminal)");
  }
  const QuietTerminal quiet(terminal.get());
  if (!quiet.ready()) {
    return FailedPrecondition("nobody can be asked here (" + device + " is no terminal)");
  }
  const std::string text = prompt + ": ";
  if (::write(terminal.get(), text.data(), text.size()) < 0 || !quiet.WaitForLine()) {
    return Cancelled("no answer");
  }
  return security::ReadSecretFd(terminal.get(), prompt);
}

StatusOr<Secret> GivenSecrets::Get(const SecretQuestion& question) {
  const std::string name = NameOf(question);
  if (question.kind == SecretKind::kPin && !options_.pin_file.empty()) {
    return security::ReadSecretFile(options_.pin_file);
  }
  if (question.kind == SecretKind::kPassphrase && !options_.passphrase_file.empty()) {
    return security::ReadSecretFile(options_.passphrase_file);
  }
  if (question.kind == SecretKind::kPassphrase && options_.passphrase_fd >= 0) {
    return security::ReadSecretFd(options_.passphrase_fd,
                                  "--passphrase-fd " + std::to_string(options_.passphrase_fd));
  }
  StatusOr<Secret> secret = AskTerminal("/dev/tty", name);
  if (secret.status().code() == StatusCode::kFailedPrecondition) {
    return Annotate(secret.status(),
                    name + ": name a file with --" +
                        (question.kind == SecretKind::kPin ? "pin" : "passphrase") + "-file");
  }
  if (!secret.ok() || !question.is_new) {
    return secret;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Secret again, AskTerminal("/dev/tty", name + ", once more"));
  return again.view() == secret->view() ? std::move(secret)
                                        : InvalidArgument("the two passphrases differ");
}

}  // namespace flotilla::fleetctl
