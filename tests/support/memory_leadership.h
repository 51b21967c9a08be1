#ifndef FLOTILLA_TESTS_SUPPORT_MEMORY_LEADERSHIP_H_
#define FLOTILLA_TESTS_SUPPORT_MEMORY_LEADERSHIP_H_

#include <cstdint>

#include "controller/replica/leadership.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {

// The database that several MemoryLeaderships share. One thread.
struct MemoryLeaderTable {
  MemoryFleetStore disk;
  Leader newest;
  // The term that holds the lock; 0: nobody.
  std::uint64_t holder = 0;
};

// Leadership in memory, one for each replica.
class MemoryLeadership final : public Leadership {
 public:
  // `table` outlives this and every term.
  explicit MemoryLeadership(MemoryLeaderTable& table) : table_(table) {}

  StatusOr<LeaderTerm> Acquire() override;
  Status Publish(const Leader& leader) override;
  StatusOr<Leader> Newest() override;

 private:
  MemoryLeaderTable& table_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_SUPPORT_MEMORY_LEADERSHIP_H_
