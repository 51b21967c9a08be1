#include "controller/fleet/fan_out.h"

namespace flotilla::controller {

FanOut::FanOut(const FanOutOptions& options, SessionRegistry& sessions, Executor& loop,
               const Clock& clock)
    : options_(options), sessions_(sessions), loop_(loop), clock_(clock), pacer_(options) {}

FanOut::~FanOut() {
  if (timer_.has_value()) {
    loop_.Cancel(*timer_);
  }
}

void FanOut::Send(const Sends& sends, Haste haste) {
  const bool at_once = haste == Haste::kAtOnce || sends.size() <= options_.few;
  for (const auto& [device_id, frame] : sends) {
    if (at_once) {
      pacer_.Drop(device_id);
      sessions_.SendDesired(device_id, frame);
    } else if (sessions_.IsWelcomed(device_id)) {
      pacer_.Put(device_id, frame, clock_.Monotonic());
    }
  }
  Arm();
}

void FanOut::TakeTurn() {
  timer_.reset();
  for (const auto& [device_id, frame] : pacer_.Due(clock_.Monotonic())) {
    sessions_.SendDesired(device_id, frame);
  }
  Arm();
}

void FanOut::Arm() {
  const Duration now = clock_.Monotonic();
  const std::optional<Duration> due = pacer_.NextDue(now);
  if (due.has_value() && !timer_.has_value()) {
    timer_ = loop_.PostAfter(*due - now, [this] { TakeTurn(); });
  }
}

}  // namespace flotilla::controller
