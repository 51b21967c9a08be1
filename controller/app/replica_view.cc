#include "controller/app/replica_view.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/time.h"

namespace flotilla::controller {
namespace {

constexpr Duration kReadAgain = absl::Seconds(1);

}  // namespace

ReplicaView::ReplicaView(const ReplicaShared& shared, Executor& worker, RevocationSet& revocations)
    : shared_(shared), worker_(worker), revocations_(revocations) {}

void ReplicaView::Start(OnLeader on_leader) {
  on_leader_ = std::move(on_leader);
  watching_->view = this;
  shared_.feed.Watch([watching = watching_](ChangeTopic topic, std::uint64_t /*revision*/) {
    const std::lock_guard lock(watching->mutex);
    if (ReplicaView* view = watching->view; view != nullptr) {
      view->worker_.Post([view, topic] { view->Refresh(topic); });
    }
  });
}

void ReplicaView::Stop() {
  const std::lock_guard lock(watching_->mutex);
  watching_->view = nullptr;
}

Leader ReplicaView::Newest() const {
  const std::lock_guard lock(mutex_);
  return leader_;
}

Status ReplicaView::Publish(const Leader& leader) {
  const std::lock_guard lock(leadership_mutex_);
  FLOTILLA_RETURN_IF_ERROR(shared_.leadership.Publish(leader));
  Take(leader);
  return OkStatus();
}

void ReplicaView::Refresh(ChangeTopic topic) {
  const Status status = topic == ChangeTopic::kLeader ? ReadLeader() : ReadRevoked();
  if (!status.ok()) {
    LogStatus(LogLevel::kWarning, "replica.refresh_failed", status);
    worker_.PostAfter(kReadAgain, [this, topic] { Refresh(topic); });
  }
}

Status ReplicaView::ReadLeader() {
  const std::lock_guard lock(leadership_mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(const Leader newest, shared_.leadership.Newest());
  Take(newest);
  return OkStatus();
}

Status ReplicaView::ReadRevoked() {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<std::string> serials, shared_.revoked.All());
  for (const std::string& serial : serials) {
    revocations_.Add(serial);
  }
  return OkStatus();
}

void ReplicaView::Take(const Leader& newest) {
  {
    const std::lock_guard lock(mutex_);
    if (newest.epoch < leader_.epoch || newest == leader_) {
      return;
    }
    leader_ = newest;
  }
  LogInfo("replica.leader",
          {{"epoch", newest.epoch}, {"name", newest.name}, {"address", newest.device}});
  on_leader_(newest);
}

}  // namespace flotilla::controller
