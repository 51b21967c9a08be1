#include "controller/wire/wire_shard.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace flotilla::controller {
namespace {

constexpr int kEvents = 128;
// The descriptor of the inbox among the connections.
constexpr std::uint64_t kInbox = 0;
constexpr Duration kLook = absl::Seconds(2);

Status Control(int epoll, int how, int fd, std::uint32_t events, std::uint64_t id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  return ::epoll_ctl(epoll, how, fd, &event) == 0 ? OkStatus() : ErrnoStatus(errno, "epoll_ctl");
}

}  // namespace

StatusOr<std::unique_ptr<WireShard>> WireShard::Start(const security::TlsServer& tls,
                                                      DeviceCalls& calls,
                                                      const WireOptions& options,
                                                      const Clock& clock) {
  FLOTILLA_ASSIGN_OR_RETURN(auto inbox, WireInbox::Create());
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) {
    return ErrnoStatus(errno, "epoll_create1");
  }
  FLOTILLA_RETURN_IF_ERROR(Control(epoll.get(), EPOLL_CTL_ADD, inbox->fd(), EPOLLIN, kInbox));
  std::unique_ptr<WireShard> shard(
      new WireShard(tls, calls, options, clock, std::move(inbox), std::move(epoll)));
  shard->thread_ = std::thread([self = shard.get()] { self->Work(); });
  return shard;
}

WireShard::WireShard(const security::TlsServer& tls, DeviceCalls& calls, const WireOptions& options,
                     const Clock& clock, std::shared_ptr<WireInbox> inbox, UniqueFd epoll)
    : tls_(tls),
      clock_(clock),
      inbox_(std::move(inbox)),
      epoll_(std::move(epoll)),
      shared_{calls, inbox_, options.limits, options.times, buffer_},
      on_quiet_(options.on_quiet),
      next_look_(clock.Monotonic() + kLook) {}

WireShard::~WireShard() {
  inbox_->Put(WireInbox::Ending::kStop);
  thread_.join();
}

void WireShard::Adopt(UniqueFd fd, const std::string& peer) {
  inbox_->Put(WireArrival{std::move(fd), peer});
}

void WireShard::GoAway() {
  inbox_->Put(WireInbox::Ending::kGoAway);
}

void WireShard::CloseAll() {
  inbox_->Put(WireInbox::Ending::kCloseAll);
}

void WireShard::AwaitLast() {
  inbox_->AwaitLast();
}

bool WireShard::AwaitNoCalls(Duration limit) {
  return inbox_->AwaitNoCalls(limit);
}

int WireShard::WaitMillis() const {
  if (!again_.empty()) {
    return 0;
  }
  const Duration wait = std::clamp(next_look_ - clock_.Monotonic(), absl::ZeroDuration(), kLook);
  return static_cast<int>(absl::ToInt64Milliseconds(wait)) + 1;
}

void WireShard::Work() {
  std::array<epoll_event, kEvents> events{};
  while (ending_ != WireInbox::Ending::kStop) {
    if (TakeInbox()) {
      continue;
    }
    const int ready = ::epoll_wait(epoll_.get(), events.data(), kEvents, WaitMillis());
    inbox_->OnAwake();
    for (const LinkId id : std::exchange(again_, {})) {
      OnReady(id);
    }
    for (int i = 0; i < ready; ++i) {
      OnReady(events.at(static_cast<std::size_t>(i)).data.u64);
    }
    LookAtTime();
  }
}

bool WireShard::TakeInbox() {
  WireInbox::Batch batch = inbox_->Take(again_.empty());
  TakeOrders(batch.orders);
  for (WireArrival& arrival : batch.arrivals) {
    TakeArrival(std::move(arrival));
  }
  const bool ending = batch.ending != ending_;
  if (ending) {
    TakeEnding(batch.ending);
  }
  return ending || !batch.orders.empty() || !batch.arrivals.empty();
}

void WireShard::TakeOrders(std::vector<WireOrder>& orders) {
  for (std::size_t i = 0; i < orders.size(); ++i) {
    WireOrder& order = orders[i];
    WireLink* const link = order.call->link();
    if (link == nullptr) {
      if (order.kind == WireOrder::Kind::kFinish) {
        order.call->Done();
      }
      continue;
    }
    link->Carry(order);
    if (i + 1 == orders.size() || orders[i + 1].call->link() != link) {
      Settle(link->id(), link->Flush());
    }
  }
}

void WireShard::TakeArrival(WireArrival arrival) {
  if (ending_ != WireInbox::Ending::kNot) {
    return;
  }
  const int fd = arrival.fd.get();
  auto tls = tls_.Accept(std::move(arrival.fd));
  const LinkId id = ++last_id_;
  if (!tls.ok() || !Control(epoll_.get(), EPOLL_CTL_ADD, fd, EPOLLIN, id).ok()) {
    return;
  }
  auto link = std::make_unique<WireLink>(shared_, *std::move(tls), std::move(arrival.peer), id,
                                         clock_.Monotonic());
  links_.emplace(id, Watched{std::move(link), EPOLLIN});
}

void WireShard::TakeEnding(WireInbox::Ending ending) {
  ending_ = ending;
  if (ending != WireInbox::Ending::kGoAway) {
    links_.clear();
    inbox_->OnLast();
    return;
  }
  std::vector<LinkId> ids;
  for (const auto& [id, watched] : links_) {
    ids.push_back(id);
  }
  for (const LinkId id : ids) {
    Settle(id, links_.at(id).link->GoAway());
  }
  inbox_->OnGoneAway();
}

void WireShard::OnReady(LinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) {
    return;
  }
  const StatusOr<WireLink::Rest> rest = found->second.link->OnReady(clock_.Monotonic());
  if (rest.ok() && *rest == WireLink::Rest::kMore) {
    again_.push_back(id);
  }
  Settle(id, rest.status());
}

void WireShard::LookAtTime() {
  const Duration now = clock_.Monotonic();
  if (now < next_look_) {
    return;
  }
  next_look_ = now + kLook;
  for (auto next = links_.begin(); next != links_.end();) {
    const auto& [id, watched] = *next++;
    Settle(id, watched.link->OnTime(now));
  }
  if (std::exchange(ended_any_, false) && on_quiet_) {
    on_quiet_();
  }
}

void WireShard::Forget(LinkId id) {
  links_.erase(id);  // which closes the descriptor
  ended_any_ = true;
}

void WireShard::Settle(LinkId id, const Status& status) {
  const auto found = links_.find(id);
  if (!status.ok()) {
    Forget(id);
    return;
  }
  Watched& watched = found->second;
  const std::uint32_t events = watched.link->wants_write() ? EPOLLIN | EPOLLOUT : EPOLLIN;
  if (events != watched.events) {
    watched.events = events;
    (void)Control(epoll_.get(), EPOLL_CTL_MOD, watched.link->fd(), events, id);
  }
}

}  // namespace flotilla::controller
