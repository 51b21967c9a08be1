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

#include <array>
#include <cerrno>
#include <cstdint>
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
#include "tests/bench/floor/floor_devices.h"
#include "tests/bench/floor/floor_events.h"
#include "tests/swarm/fleet/c_ptr.h"
#include "tests/swarm/fleet/tls_socket.h"

namespace flotilla::bench {
namespace {

using swarm::SslCtxPtr;
using swarm::SslPtr;

constexpr int kBacklog = 4096;
constexpr int kWaitMillis = 5;
constexpr std::uint64_t kListener = FloorEvents::kSignal - 1;
constexpr std::size_t kReadBytes = std::size_t{16} * 1024;

struct Flags {
  std::string certificate;
  std::string key;
  std::string ca;
  std::string port_file;
  std::size_t push = 500;
  FloorDevicesOptions devices;
  std::size_t message = 25;
  double every_s = 0;
};

class Server {
 public:
  Server(const Flags& flags, FloorEvents& events) : flags_(flags), events_(events) {}

  Status Run() {
    FLOTILLA_RETURN_IF_ERROR(Open());
    while (true) {
      for (const epoll_event& event : events_.Wait(-1)) {
        const std::uint64_t tag = event.data.u64;
        if (tag == kListener) {
          Accept();
        } else if (tag != FloorEvents::kSignal) {
          OnReady(tag);
        } else if (!OnSignal(events_.NextSignal())) {
          return OkStatus();
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
    events_.Watch(listener_.get(), EPOLLIN, kListener);
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
      events_.Watch(fd.get(), EPOLLIN, at);
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
  FloorEvents& events_;
  SslCtxPtr context_;
  UniqueFd listener_;
  std::vector<Session> sessions_;  // by descriptor
  std::size_t live_ = 0;
  std::size_t messages_ = 0;
};

class Driver {
 public:
  Driver(const Flags& flags, const FloorDevices& devices, FloorEvents& events)
      : flags_(flags), devices_(devices), events_(events), sockets_(devices.count()) {}

  Status Run() {
    const Duration start = clock_.Monotonic();
    while (true) {
      const Duration now = clock_.Monotonic();
      FLOTILLA_RETURN_IF_ERROR(Connect(now - start));
      Beat(now);
      for (const epoll_event& event : events_.Wait(kWaitMillis)) {
        if (event.data.u64 != FloorEvents::kSignal) {
          FLOTILLA_RETURN_IF_ERROR(OnReady(event.data.u64));
        } else if (!OnSignal(events_.NextSignal())) {
          return OkStatus();
        }
      }
    }
  }

 private:
  // False: it ends the program.
  bool OnSignal(int number) const {
    std::printf("{\"live\":%zu,\"sent\":%zu,\"received\":%zu}\n", live_, messages_, received_);
    static_cast<void>(std::fflush(stdout));
    return number == SIGUSR2;
  }

  Status Connect(Duration since) {
    for (const std::size_t due = devices_.Due(since); opened_ < due; ++opened_) {
      FLOTILLA_ASSIGN_OR_RETURN(sockets_[opened_], devices_.Dial(opened_));
      events_.Watch(sockets_[opened_]->fd(), EPOLLIN | EPOLLOUT, opened_);
    }
    return OkStatus();
  }

  // Sends what is due, device after device, spread evenly over the interval.
  void Beat(Duration now) {
    if (flags_.every_s <= 0 || live_ < devices_.count()) {
      return;
    }
    if (!beats_since_.has_value()) {
      beats_since_ = now;
    }
    const auto due =
        static_cast<std::size_t>(absl::ToDoubleSeconds(now - *beats_since_) / flags_.every_s *
                                 static_cast<double>(devices_.count()));
    for (; messages_ < due; ++messages_) {
      swarm::TlsSocket& socket = *sockets_[messages_ % devices_.count()];
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
      events_.Change(socket.fd(), EPOLLIN, tag);
    } else if (!socket.ready() && socket.wants() == swarm::TlsSocket::Wants::kRead) {
      events_.Change(socket.fd(), EPOLLIN, tag);
    }
    std::array<std::uint8_t, kReadBytes> buffer;
    while (socket.ready()) {
      FLOTILLA_ASSIGN_OR_RETURN(const std::size_t got, socket.Read(buffer));
      if (got == 0) {
        break;
      }
      ++received_;
    }
    return OkStatus();
  }

  const Flags& flags_;
  const FloorDevices& devices_;
  FloorEvents& events_;
  OsClock clock_;
  std::vector<std::unique_ptr<swarm::TlsSocket>> sockets_;
  std::optional<Duration> beats_since_;
  std::size_t opened_ = 0;
  std::size_t live_ = 0;
  std::size_t messages_ = 0;
  std::size_t received_ = 0;
};

Status Drive(const Flags& flags, FloorEvents& events) {
  FLOTILLA_ASSIGN_OR_RETURN(const FloorDevices devices, FloorDevices::Open(flags.devices));
  return Driver(flags, devices, events).Run();
}

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
  AddFloorDeviceFlags(*drive, flags.devices);
  drive->add_option("--message", flags.message, "bytes")->capture_default_str();
  drive->add_option("--every", flags.every_s, "seconds; 0: never")->capture_default_str();
  CLI11_PARSE(cli, argc, argv);
  (void)signal(SIGPIPE, SIG_IGN);
  (void)RaiseOpenFileLimit(65536);
  StatusOr<FloorEvents> events = FloorEvents::Open();
  const Status status = !events.ok()      ? events.status()
                        : serve->parsed() ? Server(flags, *events).Run()
                                          : Drive(flags, *events);
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
