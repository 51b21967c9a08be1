#ifndef FLOTILLA_CONTROLLER_STORAGE_OPEN_REPLICA_PORTS_H_
#define FLOTILLA_CONTROLLER_STORAGE_OPEN_REPLICA_PORTS_H_

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "controller/replica/change_feed.h"
#include "controller/replica/leadership.h"
#include "controller/replica/revoked_serials.h"

namespace flotilla::controller {

// What replicas share, on the database of `store`. Each has a connection of its own.
struct ReplicaPorts {
  std::unique_ptr<Leadership> leadership;
  std::unique_ptr<ChangeFeed> feed;
  std::unique_ptr<RevokedSerials> revoked;
};

// Connects when they are used. INVALID_ARGUMENT: no PostgreSQL address. `clock` outlives them.
StatusOr<ReplicaPorts> OpenReplicaPorts(const std::string& store, const Clock& clock);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_OPEN_REPLICA_PORTS_H_
