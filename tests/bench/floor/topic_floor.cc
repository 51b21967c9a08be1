// Subscribers of one topic at a broker over mutual TLS, from the identities of a flotilla-swarm
// folder: what a fan-out costs mosquitto and NATS, the floor of tests/bench/system/scale_bench.
//
// SIGUSR1: the first subscriber publishes one message. SIGUSR2: prints one line of JSON. SIGTERM
// ends.

#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
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
#include "base/status.h"
#include "tests/bench/floor/floor_devices.h"
#include "tests/bench/floor/floor_events.h"
#include "tests/bench/floor/topic_protocol.h"
#include "tests/swarm/fleet/tls_socket.h"

namespace flotilla::bench {
namespace {

constexpr int kWaitMillis = 5;
constexpr std::size_t kReadBytes = std::size_t{16} * 1024;
constexpr std::size_t kMostGreeting = std::size_t{8} * 1024;

struct Flags {
  std::string protocol;
  FloorDevicesOptions devices;
  std::size_t message = 500;
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
  Subscribers(std::size_t message, const FloorDevices& devices, const TopicProtocol& protocol,
              FloorEvents& events)
      : message_(message),
        devices_(devices),
        protocol_(protocol),
        events_(events),
        subscribers_(devices.count()) {}

  Status Run() {
    const Duration start = clock_.Monotonic();
    while (true) {
      FLOTILLA_RETURN_IF_ERROR(Connect(clock_.Monotonic() - start));
      for (const epoll_event& event : events_.Wait(kWaitMillis)) {
        if (event.data.u64 != FloorEvents::kSignal) {
          FLOTILLA_RETURN_IF_ERROR(OnReady(event.data.u64));
        } else if (!OnSignal()) {
          return OkStatus();
        }
      }
    }
  }

 private:
  Status Connect(Duration since) {
    for (const std::size_t due = devices_.Due(since); opened_ < due; ++opened_) {
      Subscriber& one = subscribers_[opened_];
      FLOTILLA_ASSIGN_OR_RETURN(one.socket, devices_.Dial(opened_));
      one.greeted = !protocol_.greets_in_clear();
      events_.Watch(one.socket->fd(), one.greeted ? EPOLLIN | EPOLLOUT : EPOLLIN, opened_);
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
    events_.Change(one.socket->fd(), writes ? EPOLLIN | EPOLLOUT : EPOLLIN, tag);
    std::array<std::uint8_t, kReadBytes> buffer{};
    while (one.socket->ready()) {
      FLOTILLA_ASSIGN_OR_RETURN(const std::size_t got, one.socket->Read(buffer));
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
    const int number = events_.NextSignal();
    if (number == 0) {
      return true;
    }
    if (number == SIGUSR1) {
      delivered_ = 0;
      published_ = clock_.Monotonic();
      subscribers_.front().socket->output() += protocol_.Publish(std::string(message_, 'p'));
      return subscribers_.front().socket->Drive().ok();
    }
    std::ignore =
        std::printf("{\"live\":%zu,\"delivered\":%zu,\"first_ms\":%.3f,\"last_ms\":%.3f}\n", live_,
                    delivered_, absl::ToDoubleMilliseconds(first_ - published_),
                    absl::ToDoubleMilliseconds(last_ - published_));
    std::ignore = std::fflush(stdout);
    return number == SIGUSR2;
  }

  const std::size_t message_;  // bytes
  const FloorDevices& devices_;
  const TopicProtocol& protocol_;
  FloorEvents& events_;
  OsClock clock_;
  std::vector<Subscriber> subscribers_;
  std::size_t opened_ = 0;
  std::size_t live_ = 0;
  std::size_t delivered_ = 0;
  Duration published_;
  Duration first_;
  Duration last_;
};

Status Run(const Flags& flags) {
  FLOTILLA_ASSIGN_OR_RETURN(FloorEvents events, FloorEvents::Open());
  FLOTILLA_ASSIGN_OR_RETURN(const FloorDevices devices, FloorDevices::Open(flags.devices));
  const MqttTopic mqtt;
  const NatsTopic nats;
  const bool is_mqtt = flags.protocol == "mqtt";
  return Subscribers(flags.message, devices,
                     is_mqtt ? static_cast<const TopicProtocol&>(mqtt) : nats, events)
      .Run();
}

int Main(int argc, char** argv) {
  CLI::App cli("Subscribers of one topic at a broker: the floor of scale_bench.");
  Flags flags;
  cli.add_option("protocol", flags.protocol, "mqtt or nats")
      ->required()
      ->check(CLI::IsMember({"mqtt", "nats"}));
  AddFloorDeviceFlags(cli, flags.devices);
  cli.add_option("--message", flags.message, "bytes")->capture_default_str();
  CLI11_PARSE(cli, argc, argv);
  (void)signal(SIGPIPE, SIG_IGN);
  const Status status = Run(flags);
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
