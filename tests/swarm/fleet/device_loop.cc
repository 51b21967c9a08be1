#include "tests/swarm/fleet/device_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace flotilla::swarm {
namespace {

constexpr int kEvents = 256;
constexpr Duration kLongestWait = absl::Milliseconds(100);

}  // namespace

StatusOr<std::unique_ptr<DeviceLoop>> DeviceLoop::Create(ConnectionPlan plan, const Clock& clock,
                                                         Random& random) {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) {
    return ErrnoStatus(errno, "epoll_create1");
  }
  return std::unique_ptr<DeviceLoop>(
      new DeviceLoop(std::move(plan), std::move(epoll), clock, random));
}

DeviceLoop::DeviceLoop(ConnectionPlan plan, UniqueFd epoll, const Clock& clock, Random& random)
    : plan_(std::move(plan)), epoll_(std::move(epoll)), clock_(clock), random_(random) {
  plan_.epoll_fd = epoll_.get();
}

void DeviceLoop::Add(SimDeviceOptions options, const TlsIdentity& identity,
                     std::uint32_t source_ipv4, const std::vector<v1::LineStatus>& installed,
                     Duration after) {
  Member member;
  member.connection =
      std::make_unique<DeviceConnection>(plan_, identity, members_.size(), source_ipv4);
  member.core =
      std::make_unique<SimDeviceCore>(std::move(options), *member.connection, stats_, random_);
  member.core->Restore(installed);
  member.start_after = after;
  members_.push_back(std::move(member));
}

void DeviceLoop::Run(const std::stop_token& stop) {
  const Duration start = clock_.Monotonic();
  {
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < members_.size(); ++i) {
      Arm(i, start + members_[i].start_after);
    }
  }
  std::array<epoll_event, kEvents> events{};
  while (!stop.stop_requested()) {
    const int ready =
        ::epoll_wait(epoll_.get(), events.data(), kEvents, WaitMillis(clock_.Monotonic()));
    const std::scoped_lock lock(mutex_);
    for (int i = 0; i < ready; ++i) {
      OnReady(events.at(static_cast<std::size_t>(i)).data.u64, clock_.Monotonic());
    }
    FireTimers(clock_.Monotonic());
  }
  const std::scoped_lock lock(mutex_);
  for (Member& member : members_) {
    member.core->Stop(clock_.Monotonic());
    member.connection->Close();
  }
}

int DeviceLoop::WaitMillis(Duration now) const {
  Duration wait = kLongestWait;
  if (!timers_.empty()) {
    wait = std::clamp(timers_.top().first - now, absl::ZeroDuration(), kLongestWait);
  }
  return static_cast<int>(absl::ToInt64Milliseconds(wait));
}

void DeviceLoop::FireTimers(Duration now) {
  while (!timers_.empty() && timers_.top().first <= now) {
    const auto [due, index] = timers_.top();
    timers_.pop();
    Member& member = members_[index];
    if (due != member.armed) {
      continue;  // armed anew since
    }
    member.armed = absl::InfiniteDuration();
    if (member.started) {
      member.core->OnTime(now);
    } else {
      member.started = true;
      member.core->Start(now);
    }
    Settle(index, now);
  }
}

void DeviceLoop::OnReady(std::size_t index, Duration now) {
  Member& member = members_[index];
  const std::uint64_t ups = stats_.ups();
  const Status status = member.connection->OnReady(
      [&](const v1::SessionResponse& message) { member.core->OnMessage(message, now); });
  if (!status.ok()) {
    member.connection->Close();
    member.core->OnClosed(status, now);
  } else if (stats_.ups() != ups && member.connection->resumed()) {
    stats_.OnResumed();
  }
  Settle(index, now);
}

void DeviceLoop::Settle(std::size_t index, Duration now) {
  Member& member = members_[index];
  Status status = member.connection->TakeFailure();
  if (status.ok()) {
    status = member.connection->Flush();
  }
  if (!status.ok()) {
    member.connection->Close();
    member.core->OnClosed(status, now);
  }
  if (const auto due = member.core->next_due(); due.has_value()) {
    Arm(index, *due);
  } else {
    member.armed = absl::InfiniteDuration();
  }
}

void DeviceLoop::Arm(std::size_t index, Duration at) {
  if (members_[index].armed != at) {
    members_[index].armed = at;
    timers_.emplace(at, index);
  }
}

void DeviceLoop::CutAll() {
  const std::scoped_lock lock(mutex_);
  const Duration now = clock_.Monotonic();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].connection->open()) {
      members_[i].connection->Close();
      members_[i].core->OnClosed(Unavailable("cut by the swarm"), now);
      Settle(i, now);
    }
  }
}

void DeviceLoop::FloodAll(std::size_t outstanding) {
  const std::scoped_lock lock(mutex_);
  const Duration now = clock_.Monotonic();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    members_[i].core->Flood(outstanding, now);
    Settle(i, now);
  }
}

void DeviceLoop::Look(const std::function<void(SwarmStats&)>& look) {
  const std::scoped_lock lock(mutex_);
  look(stats_);
}

void DeviceLoop::LookAtDevices(const std::function<void(const SimDeviceCore&)>& look) {
  const std::scoped_lock lock(mutex_);
  for (const Member& member : members_) {
    look(*member.core);
  }
}

}  // namespace flotilla::swarm
