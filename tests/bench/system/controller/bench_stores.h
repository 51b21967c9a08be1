#ifndef FLOTILLA_TESTS_BENCH_SYSTEM_CONTROLLER_BENCH_STORES_H_
#define FLOTILLA_TESTS_BENCH_SYSTEM_CONTROLLER_BENCH_STORES_H_

#include "base/status.h"
#include "controller/storage/fleet_store.h"
#include "tests/support/forwarding_fleet_store.h"

namespace flotilla::controller {

// A store that gives each report a transaction of its own, with its device's row: what group commit
// is measured against.
class OneByOneStore final : public ForwardingFleetStore {
 public:
  using ForwardingFleetStore::ForwardingFleetStore;

  Status Commit(const FleetChange& change) override;
};

// A whole state as one change: a store that starts from another one's.
FleetChange ChangeOf(const FleetSnapshot& snapshot);

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_BENCH_SYSTEM_CONTROLLER_BENCH_STORES_H_
