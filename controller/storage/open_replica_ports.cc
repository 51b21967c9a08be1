#include "controller/storage/open_replica_ports.h"

#include <utility>

#include "controller/storage/postgres_address.h"
#include "controller/storage/postgres_change_feed.h"
#include "controller/storage/postgres_leadership.h"
#include "controller/storage/postgres_revoked_serials.h"

namespace flotilla::controller {

StatusOr<ReplicaPorts> OpenReplicaPorts(const std::string& store, const Clock& clock) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string conninfo, PostgresConninfo(store));
  ReplicaPorts ports;
  ports.leadership = std::make_unique<PostgresLeadership>(conninfo);
  ports.revoked = std::make_unique<PostgresRevokedSerials>(conninfo);
  ChangeFeedOptions feed;
  feed.conninfo = conninfo;
  ports.feed = std::make_unique<PostgresChangeFeed>(std::move(feed), clock);
  return ports;
}

}  // namespace flotilla::controller
