#include "tests/bench/floor/floor_events.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

namespace flotilla::bench {

StatusOr<FloorEvents> FloorEvents::Open() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) {
    sigaddset(&set, number);
  }
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  UniqueFd signals(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals.valid()) {
    return ErrnoStatus(errno, "signalfd");
  }
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) {
    return ErrnoStatus(errno, "epoll_create1");
  }
  FloorEvents events(std::move(epoll), std::move(signals));
  events.Watch(events.signals_.get(), EPOLLIN, kSignal);
  return events;
}

void FloorEvents::Watch(int fd, std::uint32_t events, std::uint64_t tag) const {
  Control(EPOLL_CTL_ADD, fd, events, tag);
}

void FloorEvents::Change(int fd, std::uint32_t events, std::uint64_t tag) const {
  Control(EPOLL_CTL_MOD, fd, events, tag);
}

void FloorEvents::Control(int how, int fd, std::uint32_t events, std::uint64_t tag) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  epoll_ctl(epoll_.get(), how, fd, &event);
}

std::span<const epoll_event> FloorEvents::Wait(int millis) {
  const int ready =
      ::epoll_wait(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()), millis);
  return std::span<const epoll_event>(ready_).first(static_cast<std::size_t>(std::max(ready, 0)));
}

int FloorEvents::NextSignal() const {
  signalfd_siginfo info{};
  const ssize_t got = ::read(signals_.get(), &info, sizeof info);
  return got == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

}  // namespace flotilla::bench
