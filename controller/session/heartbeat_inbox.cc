#include "controller/session/heartbeat_inbox.h"

#include <algorithm>
#include <utility>

namespace flotilla::controller {
namespace {

constexpr Duration kLongestHold = absl::Milliseconds(250);
constexpr int kHoldsInInterval = 20;

}  // namespace

HeartbeatInbox::HeartbeatInbox(Duration interval, Executor& loop, Take take)
    : hold_(std::min(interval / kHoldsInInterval, kLongestHold)),
      loop_(loop),
      take_(std::move(take)) {}

HeartbeatInbox::~HeartbeatInbox() {
  const std::lock_guard lock(mutex_);
  if (timer_.has_value()) {
    loop_.Cancel(*timer_);
  }
}

void HeartbeatInbox::Put(Heartbeat heartbeat) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(heartbeat));
  if (!timer_.has_value()) {
    timer_ = loop_.PostAfter(hold_, [this] { TakeAll(); });
  }
}

void HeartbeatInbox::TakeAll() {
  std::vector<Heartbeat> taken;
  {
    const std::lock_guard lock(mutex_);
    timer_.reset();
    taken.swap(waiting_);
  }
  for (const Heartbeat& heartbeat : taken) {
    take_(heartbeat);
  }
}

}  // namespace flotilla::controller
