#ifndef FLOTILLA_CONTROLLER_APP_REPLICA_VIEW_H_
#define FLOTILLA_CONTROLLER_APP_REPLICA_VIEW_H_

#include <functional>
#include <memory>
#include <mutex>

#include "base/executor.h"
#include "base/status.h"
#include "controller/fleet/revocation_set.h"
#include "controller/replica/change_feed.h"
#include "controller/replica/leadership.h"
#include "controller/replica/revoked_serials.h"

namespace flotilla::controller {

// What the replicas of a fleet share.
struct ReplicaShared {
  Leadership& leadership;
  ChangeFeed& feed;
  RevokedSerials& revoked;
};

// What a replica knows of the others without asking: who leads, and which certificates are refused.
// The database is read on `worker`, which may block. Everything given outlives it, but for the
// worker's thread, which ends before.
class ReplicaView {
 public:
  using OnLeader = std::function<void(const Leader&)>;

  ReplicaView(const ReplicaShared& shared, Executor& worker, RevocationSet& revocations);

  // `on_leader` hears of each leader, and of each change of its addresses, on the worker's thread
  // or in Publish. Call once.
  void Start(OnLeader on_leader);
  // Nothing is read any more.
  void Stop();
  // Thread-safe.
  Leader Newest() const;
  // Leadership::Publish, and it is known here at once.
  Status Publish(const Leader& leader);

 private:
  // The feed outlives the view, and its thread may be at a call.
  struct Watching {
    std::mutex mutex;
    ReplicaView* view = nullptr;
  };

  void Refresh(ChangeTopic topic);
  Status ReadLeader();
  Status ReadRevoked();
  // With leadership_mutex_ held, so that what was read first is told first.
  void Take(const Leader& newest);

  const ReplicaShared shared_;
  Executor& worker_;
  RevocationSet& revocations_;
  OnLeader on_leader_;
  std::shared_ptr<Watching> watching_ = std::make_shared<Watching>();
  std::mutex leadership_mutex_;  // it is for one thread at a time
  mutable std::mutex mutex_;
  Leader leader_;  // with mutex_ held
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_REPLICA_VIEW_H_
