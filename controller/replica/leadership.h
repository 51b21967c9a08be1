#ifndef FLOTILLA_CONTROLLER_REPLICA_LEADERSHIP_H_
#define FLOTILLA_CONTROLLER_REPLICA_LEADERSHIP_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// Who leads, and where its listeners are reached by the other replicas: "host:port" each, empty
// while it does not serve yet.
struct Leader {
  std::uint64_t epoch = 0;
  std::string name;
  std::string device;
  std::string enrolment;
  std::string operators;
  std::string dashboard;

  bool operator==(const Leader&) const = default;
};

// The lead, held as long as `store` lives and its connection with it. Once another replica has the
// lead, `store` commits nothing any more, whatever this process believes.
struct LeaderTerm {
  // Higher than that of every term before.
  std::uint64_t epoch = 0;
  std::unique_ptr<FleetStore> store;
};

// Port: which one of the replicas leads. Blocking; one thread at a time. Real: PostgresLeadership
// (controller/storage). Fake: MemoryLeadership (tests/support).
class Leadership {
 public:
  virtual ~Leadership() = default;

  // The lead, if nobody has it. UNAVAILABLE (STORAGE_LOCKED): another one leads; else
  // SociFleetStore::Open's errors.
  virtual StatusOr<LeaderTerm> Acquire() = 0;
  // Tells where the leader of `leader.epoch` is reached. FAILED_PRECONDITION: that epoch is over.
  virtual Status Publish(const Leader& leader) = 0;
  // The newest epoch, led or not any more. NOT_FOUND: there was none.
  virtual StatusOr<Leader> Newest() = 0;

 protected:
  Leadership() = default;
  Leadership(const Leadership&) = default;
  Leadership& operator=(const Leadership&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_REPLICA_LEADERSHIP_H_
