// Subscribers of one topic at a broker over mutual TLS, from the identities of a flotilla-swarm
// folder: what a fan-out costs mosquitto and NATS, the floor of tests/bench/system/scale_bench.
//
// SIGUSR1: the first subscriber publishes one message. SIGUSR2: prints one line of JSON. SIGTERM
// ends.

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "base/os_clock.h"
#include "base/os_open_files.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "tests/bench/floor/topic_protocol.h"
#include "tests/swarm/fleet/c_ptr.h"
#include "tests/swarm/fleet/identity_book.h"
#include "tests/swarm/fleet/tls_socket.h"

namespace flotilla::bench {
namespace {

constexpr int kEvents = 256;
constexpr int kWaitMillis = 5;
constexpr std::uint64_t kSignal = ~std::uint64_t{0};
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kMostGreeting = 8 * 1024;

struct Flags {
  std::string protocol;
  std::string to;
  std::string identities;
  std::size_t devices = 1000;
  std::size_t message = 500;
  double ramp_s = 5;
};

struct Subscriber {
  std::unique_ptr<swarm::TlsSocket> socket;
  std::string got;
  bool greeted = false;
  bool said_hello = false;
  bool live = false;
};

class Subscribers {
 public:
  Subscribers(const Flags& flags, const TopicProtocol& protocol)
      : flags_(flags), protocol_(protocol) {}

  Status Run() {
    FLOTILLA_RETURN_IF_ERROR(Open());
    const Duration start = clock_.Monotonic();
    std::array<epoll_event, kEvents> events{};
    while (true) {
      FLOTILLA_RETURN_IF_ERROR(Connect(clock_.Monotonic() - start));
      const int ready = epoll_wait(epoll_.get(), events.data(), kEvents, kWaitMillis);
      for (int i = 0; i < ready; ++i) {
        const std::uint64_t tag = events.at(static_cast<std::size_t>(i)).data.u64;
        if (tag != kSignal) {
          FLOTILLA_RETURN_IF_ERROR(OnReady(tag));
        } else if (!OnSignal()) {
          return OkStatus();
        }
      }
    }
  }

 private:
  Status Open() {
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
    subscribers_.resize(flags_.devices);
    epoll_.Reset(::epoll_create1(EPOLL_CLOEXEC));
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) {
      sigaddset(&set, number);
    }
    sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_.Reset(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    Watch(signals_.get(), EPOLLIN, kSignal, EPOLL_CTL_ADD);
    return OkStatus();
  }

  void Watch(int fd, std::uint32_t events, std::uint64_t tag, int how) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    epoll_ctl(epoll_.get(), how, fd, &event);
  }

  Status Connect(Duration since) {
    const double share = flags_.ramp_s <= 0 ? 1 : absl::ToDoubleSeconds(since) / flags_.ramp_s;
    const auto due =
        static_cast<std::size_t>(std::min(share, 1.0) * static_cast<double>(flags_.devices));
    for (; opened_ < due; ++opened_) {
      swarm::DialOptions dial;
      dial.context = context_.get();
      dial.to = &address_;
      dial.host = swarm::HostPart(flags_.to);
      dial.identity = &identities_[opened_];
      Subscriber& one = subscribers_[opened_];
      FLOTILLA_ASSIGN_OR_RETURN(one.socket, swarm::TlsSocket::Dial(dial));
      one.greeted = !protocol_.greets_in_clear();
      const std::uint32_t first = one.greeted ? EPOLLIN | EPOLLOUT : EPOLLIN;
      Watch(one.socket->fd(), first, opened_, EPOLL_CTL_ADD);
    }
    return OkStatus();
  }

  // Takes the line that comes before TLS, and not a byte more. False: it is not all there.
  static bool TakeGreeting(int fd) {
    std::array<char, kMostGreeting> peeked{};
    const ssize_t got = ::recv(fd, peeked.data(), peeked.size(), MSG_PEEK);
    if (got <= 0) {
      return false;
    }
    const auto* end = std::find(peeked.begin(), peeked.begin() + got, '\n');
    if (end == peeked.begin() + got) {
      return false;
    }
    const auto size = static_cast<std::size_t>(end - peeked.begin()) + 1;
    return ::recv(fd, peeked.data(), size, 0) == static_cast<ssize_t>(size);
  }

  Status OnReady(std::uint64_t tag) {
    Subscriber& one = subscribers_[tag];
    if (!one.greeted && !(one.greeted = TakeGreeting(one.socket->fd()))) {
      return OkStatus();
    }
    FLOTILLA_RETURN_IF_ERROR(one.socket->Drive());
    if (one.socket->ready() && !one.said_hello) {
      one.said_hello = true;
      one.socket->output() += protocol_.Hello(absl::StrCat("s", tag));
      FLOTILLA_RETURN_IF_ERROR(one.socket->Drive());
    }
    const bool writes = one.socket->wants() == swarm::TlsSocket::Wants::kReadAndWrite;
    Watch(one.socket->fd(), writes ? EPOLLIN | EPOLLOUT : EPOLLIN, tag, EPOLL_CTL_MOD);
    std::array<std::uint8_t, kReadBytes> buffer{};
    while (one.socket->ready()) {
      FLOTILLA_ASSIGN_OR_RETURN(const std::size_t got,
                                one.socket->Read(buffer.data(), buffer.size()));
      if (got == 0) {
        break;
      }
      one.got.append(reinterpret_cast<const char*>(buffer.data()), got);
    }
    return Take(one);
  }

  Status Take(Subscriber& one) {
    const TopicNews news = protocol_.Take(one.got);
    if (news.subscribed && !std::exchange(one.live, true)) {
      ++live_;
    }
    if (news.delivered > 0) {
      last_ = clock_.Monotonic();
      first_ = delivered_ == 0 ? last_ : first_;
      delivered_ += news.delivered;
    }
    if (news.asked_for_life) {
      one.socket->output() += protocol_.Alive();
      return one.socket->Drive();
    }
    return OkStatus();
  }

  // False: it ends the program.
  bool OnSignal() {
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != sizeof info) {
      return true;
    }
    if (info.ssi_signo == SIGUSR1) {
      delivered_ = 0;
      published_ = clock_.Monotonic();
      subscribers_.front().socket->output() += protocol_.Publish(std::string(flags_.message, 'p'));
      return subscribers_.front().socket->Drive().ok();
    }
    std::ignore =
        std::printf("{\"live\":%zu,\"delivered\":%zu,\"first_ms\":%.3f,\"last_ms\":%.3f}\n", live_,
                    delivered_, absl::ToDoubleMilliseconds(first_ - published_),
                    absl::ToDoubleMilliseconds(last_ - published_));
    std::ignore = std::fflush(stdout);
    return info.ssi_signo == SIGUSR2;
  }

  const Flags& flags_;
  const TopicProtocol& protocol_;
  OsClock clock_;
  swarm::SslCtxPtr context_;
  swarm::SocketAddress address_;
  UniqueFd epoll_;
  UniqueFd signals_;
  std::vector<swarm::TlsIdentity> identities_;
  std::vector<Subscriber> subscribers_;
  std::size_t opened_ = 0;
  std::size_t live_ = 0;
  std::size_t delivered_ = 0;
  Duration published_;
  Duration first_;
  Duration last_;
};

int Main(int argc, char** argv) {
  CLI::App cli("Subscribers of one topic at a broker: the floor of scale_bench.");
  Flags flags;
  cli.add_option("protocol", flags.protocol, "mqtt or nats")
      ->required()
      ->check(CLI::IsMember({"mqtt", "nats"}));
  cli.add_option("--to", flags.to, "host:port")->required();
  cli.add_option("--identities", flags.identities, "folder of flotilla-swarm --state")->required();
  cli.add_option("--devices", flags.devices)->capture_default_str();
  cli.add_option("--message", flags.message, "bytes")->capture_default_str();
  cli.add_option("--ramp", flags.ramp_s, "seconds")->capture_default_str();
  CLI11_PARSE(cli, argc, argv);
  (void)signal(SIGPIPE, SIG_IGN);
  const MqttTopic mqtt;
  const NatsTopic nats;
  const bool is_mqtt = flags.protocol == "mqtt";
  const Status status =
      Subscribers(flags, is_mqtt ? static_cast<const TopicProtocol&>(mqtt) : nats).Run();
  if (!status.ok()) {
    std::cerr << "topic_floor: " << status.ToString() << "\n";
  }
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace flotilla::bench

int main(int argc, char** argv) {
  try {
    return flotilla::bench::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "topic_floor: " << error.what() << "\n";
    return 1;
  }
}
