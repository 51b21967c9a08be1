#include "controller/wire/wire_inbox.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "controller/wire/wire_call.h"

namespace flotilla::controller {

StatusOr<std::shared_ptr<WireInbox>> WireInbox::Create() {
  UniqueFd wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake.valid()) {
    return ErrnoStatus(errno, "eventfd");
  }
  return std::shared_ptr<WireInbox>(new WireInbox(std::move(wake)));
}

void WireInbox::Wake() {
  if (std::exchange(asleep_, false)) {
    signalled_ = true;
    eventfd_write(wake_.get(), 1);
  }
}

void WireInbox::Put(WireOrder order) {
  const std::lock_guard lock(mutex_);
  waiting_.orders.push_back(std::move(order));
  Wake();
}

void WireInbox::Put(WireArrival arrival) {
  const std::lock_guard lock(mutex_);
  waiting_.arrivals.push_back(std::move(arrival));
  Wake();
}

void WireInbox::Put(Ending ending) {
  const std::lock_guard lock(mutex_);
  waiting_.ending = std::max(waiting_.ending, ending);
  Wake();
}

WireInbox::Batch WireInbox::Take(bool may_sleep) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(signalled_, false)) {
    eventfd_t count = 0;
    eventfd_read(wake_.get(), &count);
  }
  Batch batch = std::exchange(waiting_, {{}, {}, waiting_.ending});
  asleep_ = may_sleep && batch.orders.empty() && batch.arrivals.empty();
  return batch;
}

void WireInbox::OnAwake() {
  const std::lock_guard lock(mutex_);
  asleep_ = false;
}

void WireInbox::OnGoneAway() {
  const std::lock_guard lock(mutex_);
  gone_away_ = true;
  idle_.notify_all();
}

void WireInbox::OnLast() {
  const std::lock_guard lock(mutex_);
  gone_away_ = true;
  last_ = true;
  idle_.notify_all();
}

void WireInbox::OnCallBegun() {
  const std::lock_guard lock(mutex_);
  ++calls_;
}

void WireInbox::OnCallEnded() {
  const std::lock_guard lock(mutex_);
  if (--calls_ == 0) {
    idle_.notify_all();
  }
}

void WireInbox::AwaitLast() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return last_ && calls_ == 0; });
}

bool WireInbox::AwaitNoCalls(Duration limit) {
  std::unique_lock lock(mutex_);
  const auto none = [this] { return gone_away_ && calls_ == 0; };
  if (limit == absl::InfiniteDuration()) {
    idle_.wait(lock, none);
    return true;
  }
  return idle_.wait_for(lock, absl::ToChronoMilliseconds(limit), none);
}

}  // namespace flotilla::controller
