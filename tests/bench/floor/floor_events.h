#ifndef FLOTILLA_TESTS_BENCH_FLOOR_FLOOR_EVENTS_H_
#define FLOTILLA_TESTS_BENCH_FLOOR_FLOOR_EVENTS_H_

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla::bench {

// What a floor program waits for: its descriptors, each under a tag, and the signals that drive a
// measurement (SIGUSR1, SIGUSR2; SIGTERM and SIGINT end it). One thread.
class FloorEvents {
 public:
  // The tag under which signals come; every other one is the program's.
  static constexpr std::uint64_t kSignal = ~std::uint64_t{0};

  // Blocks those signals for the calling thread. By errno: no descriptor.
  static StatusOr<FloorEvents> Open();

  // `events` as epoll has them. A closed descriptor is watched no more.
  void Watch(int fd, std::uint32_t events, std::uint64_t tag) const;
  void Change(int fd, std::uint32_t events, std::uint64_t tag) const;
  // What is ready within `millis`, -1 for as long as it takes; until the next call.
  std::span<const epoll_event> Wait(int millis);
  // The signal that came; 0: none.
  int NextSignal() const;

 private:
  FloorEvents(UniqueFd epoll, UniqueFd signals)
      : epoll_(std::move(epoll)), signals_(std::move(signals)) {}
  void Control(int how, int fd, std::uint32_t events, std::uint64_t tag) const;

  UniqueFd epoll_;
  UniqueFd signals_;
  std::array<epoll_event, 256> ready_{};
};

}  // namespace flotilla::bench

#endif  // FLOTILLA_TESTS_BENCH_FLOOR_FLOOR_EVENTS_H_
