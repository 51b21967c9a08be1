// What the same work costs with OpenSSL and epoll alone: the floor of
// tests/bench/system/scale_bench.
//
//   tls_floor serve --port-file F   sessions with client certificates; answers what comes with the
//                                   same bytes; on SIGUSR1 sends every session one message of
//                                   --push bytes
//   tls_floor drive                 --devices sessions from the identities of a flotilla-swarm
//                                   folder, each sending --message bytes every --every seconds
//
// Both print one line of JSON for each SIGUSR2 and at the end; SIGTERM ends them.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <CLI/CLI.hpp>

#include "base/os_clock.h"
#include "base/os_open_files.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "tests/swarm/fleet/c_ptr.h"
#include "tests/swarm/fleet/identity_book.h"
#include "tests/swarm/fleet/tls_socket.h"

namespace flotilla::bench {
namespace {

using swarm::SslCtxPtr;
using swarm::SslPtr;

constexpr int kEvents = 256;
constexpr int kBacklog = 4096;
constexpr std::uint64_t kSignal = ~std::uint64_t{0};
constexpr std::uint64_t kListener = ~std::uint64_t{0} - 1;
constexpr std::size_t kReadBytes = std::size_t{16} * 1024;

struct Flags {
  std::string certificate;
  std::string key;
  std::string ca;
  std::string port_file;
  std::size_t push = 500;
  std::string to;
  std::string identities;
  std::size_t devices = 1000;
  std::size_t message = 25;
  double every_s = 0;
  double ramp_s = 5;
};

void Watch(int epoll, int fd, std::uint32_t events, std::uint64_t tag, int how = EPOLL_CTL_ADD) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  epoll_ctl(epoll, how, fd, &event);
}

UniqueFd Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) {
    sigaddset(&set, number);
  }
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return UniqueFd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

int NextSignal(int fd) {
  signalfd_siginfo info{};
  return ::read(fd, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

class Server {
 public:
  explicit Server(const Flags& flags) : flags_(flags) {}

  Status Run() {
    FLOTILLA_RETURN_IF_ERROR(Open());
    std::array<epoll_event, kEvents> events{};
    while (true) {
      const int ready = epoll_wait(epoll_.get(), events.data(), kEvents, -1);
      for (int i = 0; i < ready; ++i) {
        const std::uint64_t tag = events.at(static_cast<std::size_t>(i)).data.u64;
        if (tag == kListener) {
          Accept();
        } else if (tag == kSignal) {
          if (!OnSignal(NextSignal(signals_.get()))) {
            return OkStatus();
          }
        } else {
          OnReady(tag);
        }
      }
    }
  }

 private:
  struct Session {
    UniqueFd fd;
    SslPtr ssl;
    bool ready = false;
  };

  Status Open() {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_id_context(context_.get(), reinterpret_cast<const unsigned char*>("floor"),
                                   5);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    if (SSL_CTX_use_certificate_chain_file(context_.get(), flags_.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_.get(), flags_.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_load_verify_locations(context_.get(), flags_.ca.c_str(), nullptr) != 1) {
      return InvalidArgument("certificate, key or CA");
    }
    SSL_CTX_set_alpn_select_cb(
        context_.get(),
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned,
           void*) {
          *out = in + 1;  // the first that the client offers
          *size = *in;
          return SSL_TLSEXT_ERR_OK;
        },
        nullptr);
    listener_.Reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), size) != 0 ||
        ::listen(listener_.get(), kBacklog) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size) != 0) {
      return ErrnoStatus(errno, "listen");
    }
    epoll_.Reset(::epoll_create1(EPOLL_CLOEXEC));
    signals_ = Signals();
    Watch(epoll_.get(), listener_.get(), EPOLLIN, kListener);
    Watch(epoll_.get(), signals_.get(), EPOLLIN, kSignal);
    std::ofstream(flags_.port_file) << ntohs(at.sin_port) << "\n";
    return OkStatus();
  }

  void Accept() {
    while (true) {
      UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd.valid()) {
        return;
      }
      const int on = 1;
      setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const auto at = static_cast<std::size_t>(fd.get());
      if (sessions_.size() <= at) {
        sessions_.resize(at + 1);
      }
      SslPtr ssl(SSL_new(context_.get()));
      SSL_set_fd(ssl.get(), fd.get());
      SSL_set_accept_state(ssl.get());
      Watch(epoll_.get(), fd.get(), EPOLLIN, at);
      sessions_[at] = {std::move(fd), std::move(ssl)};
    }
  }

  void OnReady(std::uint64_t tag) {
    Session& session = sessions_[tag];
    ERR_clear_error();
    if (!session.ready) {
      const int done = SSL_do_handshake(session.ssl.get());
      if (done != 1) {
        if (SSL_get_error(session.ssl.get(), done) != SSL_ERROR_WANT_READ) {
          session = {};
        }
        return;
      }
      session.ready = true;
      ++live_;
    }
    std::array<char, kReadBytes> buffer;
    std::size_t got = 0;
    int done = 1;
    while ((done = SSL_read_ex(session.ssl.get(), buffer.data(), buffer.size(), &got)) == 1) {
      ++messages_;
      std::size_t written = 0;
      SSL_write_ex(session.ssl.get(), buffer.data(), got, &written);
    }
    if (SSL_get_error(session.ssl.get(), done) != SSL_ERROR_WANT_READ) {
      session = {};
      --live_;
    }
  }

  // False: it ends the program.
  bool OnSignal(int number) {
    if (number == SIGUSR1) {
      const std::string message(flags_.push, 'p');
      for (Session& session : sessions_) {
        if (session.ready) {
          std::size_t written = 0;
          SSL_write_ex(session.ssl.get(), message.data(), message.size(), &written);
        }
      }
      return true;
    }
    std::printf("{\"live\":%zu,\"messages\":%zu}\n", live_, messages_);
    static_cast<void>(std::fflush(stdout));
    return number == SIGUSR2;
  }

  const Flags& flags_;
  SslCtxPtr context_;
  UniqueFd listener_;
  UniqueFd epoll_;
  UniqueFd signals_;
  std::vector<Session> sessions_;  // by descriptor
  std::size_t live_ = 0;
  std::size_t messages_ = 0;
};

class Driver {
 public:
  explicit Driver(const Flags& flags) : flags_(flags) {}

  Status Run() {
    FLOTILLA_RETURN_IF_ERROR(RaiseOpenFileLimit(flags_.devices + 64).status());
    FLOTILLA_ASSIGN_OR_RETURN(swarm::IdentityBook book,
                              swarm::IdentityBook::Open(flags_.identities));
    if (book.devices().size() < flags_.devices) {
      return InvalidArgument("too few identities");
    }
    FLOTILLA_ASSIGN_OR_RETURN(context_, swarm::NewClientContext(book.authority_pem()));
    FLOTILLA_ASSIGN_OR_RETURN(address_, swarm::ResolveAddress(flags_.to));
    for (std::size_t i = 0; i < flags_.devices; ++i) {
      FLOTILLA_ASSIGN_OR_RETURN(
          swarm::TlsIdentity identity,
          swarm::ParseTlsIdentity(book.devices()[i].chain_pem, book.devices()[i].key_pem));
      identities_.push_back(std::move(identity));
    }
    sockets_.resize(flags_.devices);
    epoll_.Reset(::epoll_create1(EPOLL_CLOEXEC));
    signals_ = Signals();
    Watch(epoll_.get(), signals_.get(), EPOLLIN, kSignal);
    return Loop();
  }

 private:
  Status Loop() {
    const Duration start = clock_.Monotonic();
    std::array<epoll_event, kEvents> events{};
    while (true) {
      const Duration now = clock_.Monotonic();
      FLOTILLA_RETURN_IF_ERROR(Connect(now - start));
      Beat(now);
      const int ready = epoll_wait(epoll_.get(), events.data(), kEvents, 5);
      for (int i = 0; i < ready; ++i) {
        const std::uint64_t tag = events.at(static_cast<std::size_t>(i)).data.u64;
        if (tag == kSignal) {
          const int number = NextSignal(signals_.get());
          std::printf("{\"live\":%zu,\"sent\":%zu,\"received\":%zu}\n", live_, messages_,
                      received_);
          static_cast<void>(std::fflush(stdout));
          if (number != SIGUSR2) {
            return OkStatus();
          }
        } else {
          FLOTILLA_RETURN_IF_ERROR(OnReady(tag));
        }
      }
    }
  }

  Status Connect(Duration since) {
    const double share = flags_.ramp_s <= 0 ? 1 : absl::ToDoubleSeconds(since) / flags_.ramp_s;
    const auto due =
        static_cast<std::size_t>(share >= 1 ? static_cast<double>(flags_.devices)
                                            : share * static_cast<double>(flags_.devices));
    for (; opened_ < due; ++opened_) {
      swarm::DialOptions dial;
      dial.context = context_.get();
      dial.to = &address_;
      dial.host = "localhost";
      dial.identity = &identities_[opened_];
      FLOTILLA_ASSIGN_OR_RETURN(sockets_[opened_], swarm::TlsSocket::Dial(dial));
      Watch(epoll_.get(), sockets_[opened_]->fd(), EPOLLIN | EPOLLOUT, opened_);
    }
    return OkStatus();
  }

  // Sends what is due, device after device, spread evenly over the interval.
  void Beat(Duration now) {
    if (flags_.every_s <= 0 || live_ < flags_.devices) {
      return;
    }
    if (!beats_since_.has_value()) {
      beats_since_ = now;
    }
    const auto due = static_cast<std::size_t>(absl::ToDoubleSeconds(now - *beats_since_) /
                                              flags_.every_s * static_cast<double>(flags_.devices));
    for (; messages_ < due; ++messages_) {
      swarm::TlsSocket& socket = *sockets_[messages_ % flags_.devices];
      socket.output().append(flags_.message, 'h');
      (void)socket.Drive();
    }
  }

  Status OnReady(std::uint64_t tag) {
    swarm::TlsSocket& socket = *sockets_[tag];
    const bool was = socket.ready();
    FLOTILLA_RETURN_IF_ERROR(socket.Drive());
    if (socket.ready() && !was) {
      ++live_;
      Watch(epoll_.get(), socket.fd(), EPOLLIN, tag, EPOLL_CTL_MOD);
    } else if (!socket.ready() && socket.wants() == swarm::TlsSocket::Wants::kRead) {
      Watch(epoll_.get(), socket.fd(), EPOLLIN, tag, EPOLL_CTL_MOD);
    }
    std::array<std::uint8_t, kReadBytes> buffer;
    while (socket.ready()) {
      FLOTILLA_ASSIGN_OR_RETURN(const std::size_t got, socket.Read(buffer.data(), buffer.size()));
      if (got == 0) {
        break;
      }
      ++received_;
    }
    return OkStatus();
  }

  const Flags& flags_;
  OsClock clock_;
  SslCtxPtr context_;
  swarm::SocketAddress address_;
  UniqueFd epoll_;
  UniqueFd signals_;
  std::vector<swarm::TlsIdentity> identities_;
  std::vector<std::unique_ptr<swarm::TlsSocket>> sockets_;
  std::optional<Duration> beats_since_;
  std::size_t opened_ = 0;
  std::size_t live_ = 0;
  std::size_t messages_ = 0;
  std::size_t received_ = 0;
};

int Main(int argc, char** argv) {
  CLI::App cli("TLS and epoll alone: the floor of scale_bench.");
  cli.require_subcommand(1);
  Flags flags;
  CLI::App* serve = cli.add_subcommand("serve", "a server");
  serve->add_option("--certificate", flags.certificate)->required();
  serve->add_option("--key", flags.key)->required();
  serve->add_option("--ca", flags.ca)->required();
  serve->add_option("--port-file", flags.port_file)->required();
  serve->add_option("--push", flags.push)->capture_default_str();
  CLI::App* drive = cli.add_subcommand("drive", "its clients");
  drive->add_option("--to", flags.to, "host:port")->required();
  drive->add_option("--identities", flags.identities, "folder of flotilla-swarm --state")
      ->required();
  drive->add_option("--devices", flags.devices)->capture_default_str();
  drive->add_option("--message", flags.message, "bytes")->capture_default_str();
  drive->add_option("--every", flags.every_s, "seconds; 0: never")->capture_default_str();
  drive->add_option("--ramp", flags.ramp_s, "seconds")->capture_default_str();
  CLI11_PARSE(cli, argc, argv);
  (void)signal(SIGPIPE, SIG_IGN);
  (void)RaiseOpenFileLimit(65536);
  const Status status = serve->parsed() ? Server(flags).Run() : Driver(flags).Run();
  if (!status.ok()) {
    std::cerr << "tls_floor: " << status.ToString() << "\n";
  }
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace flotilla::bench

int main(int argc, char** argv) {
  try {
    return flotilla::bench::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "tls_floor: " << error.what() << "\n";
    return 1;
  }
}
