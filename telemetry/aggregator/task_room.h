// The helper's tasks at work: takes them on, answers their jobs, gives their sums away, and forgets
// what is over.
#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_TASK_ROOM_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_TASK_ROOM_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "telemetry/aggregator/device_registry.h"
#include "telemetry/aggregator/sealing_keys.h"
#include "telemetry/aggregator/task_policy.h"
#include "telemetry/dap/responder.h"
#include "telemetry/dap/task.h"
#include "telemetry/store/sqlite_aggregator_store.h"

namespace flotilla::telemetry {

// How long after a task's last window closed its sums may still be collected.
constexpr Duration kSumsKept = absl::Hours(24 * 30);

// What the leader gets to know of a helper.
struct HelperStanding {
  Bytes signed_configs;                  // SignedHpkeConfigs
  std::uint64_t registered_devices = 0;  // rounded down to a multiple of 10
};

// Keeps nothing but what is in the store and the key file: it may die at any moment. Blocking. One
// thread at a time for all tasks, not for each: a device's budget is one for all of them, and
// nothing may change between reading and charging it.
class TaskRoom {
 public:
  struct World {
    const TaskPolicy& policy;
    SqliteAggregatorStore& store;
    DeviceRegistry& devices;
    SealingKeys& keys;
    const Clock& clock;
    Random& random;
  };

  // With the tasks of the store. Everything outlives it. DATA_LOSS: a stored task is damaged.
  static StatusOr<std::unique_ptr<TaskRoom>> Open(const World& world);
  ~TaskRoom();
  TaskRoom(const TaskRoom&) = delete;
  TaskRoom& operator=(const TaskRoom&) = delete;

  // Makes a task known; durable when it returns. The same again changes nothing, at any time.
  // INVALID_ARGUMENT: malformed; ALREADY_EXISTS: known with another key or collector; else as of
  // CheckTask and the store.
  StatusOr<dap::TaskId> Put(const StoredTask& task);

  // dap::Responder's, for one task. NOT_FOUND: no such task (any more); UNAVAILABLE: the list of
  // devices is not to be had.
  StatusOr<Bytes> Aggregate(const dap::TaskId& task, ByteView request);
  StatusOr<Bytes> ShareOf(const dap::TaskId& task, ByteView request);

  StatusOr<HelperStanding> Standing();

  // Renews the sealing keys when it is time, forgets reports of closed windows, tasks whose sums
  // nobody came for, and charges that count no more. To be called every hour or so; what an error
  // left is done the next time.
  Status Tidy();

  std::size_t task_count() const { return seats_.size(); }

 private:
  struct Seat;

  explicit TaskRoom(const World& world);
  Status Sit(const StoredTask& task);
  StatusOr<Seat*> SeatOf(const dap::TaskId& task);
  std::size_t LiveTasks(Time now) const;
  Status RefreshKeys(Time now);
  Status ForgetOld(Time now);

  const World world_;
  std::map<dap::TaskId, std::unique_ptr<Seat>> seats_;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_TASK_ROOM_H_
