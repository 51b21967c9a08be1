// A task room with its state folder, and a leader with its devices on the other side.
#ifndef FLOTILLA_TESTS_UNIT_TELEMETRY_AGGREGATOR_ROOM_WORLD_H_
#define FLOTILLA_TESTS_UNIT_TELEMETRY_AGGREGATOR_ROOM_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "telemetry/aggregator/device_registry.h"
#include "telemetry/aggregator/sealing_keys.h"
#include "telemetry/aggregator/task_policy.h"
#include "telemetry/aggregator/task_room.h"
#include "telemetry/dap/leader.h"
#include "telemetry/store/sqlite_aggregator_store.h"
#include "tests/support/fake_executor.h"
#include "tests/support/memory_aggregator_store.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::telemetry {

inline constexpr char kEndpoint[] = "helper.example:7446";
inline constexpr Duration kKeyLife = absl::Hours(24 * 30);

// Two windows of an hour of the gate's verdict, from the hour on that `begin` lies in.
dap::TaskConfiguration GateTask(Time begin);
DeviceKey DeviceOf(const security::PublicKey& key, const std::string& label = "");

class RoomWorld {
 public:
  explicit RoomWorld(std::size_t device_count);

  // Opens everything anew, as after a restart.
  void Restart();
  // The task as the leader puts it.
  StoredTask Stored() const;
  // Puts the task, and the clock ten minutes after its first window.
  void PutAndMeasure();
  // Reports of the devices [from, to), sealed for the room's present key; each votes for bucket 0.
  std::vector<Bytes> Reports(std::size_t from, std::size_t to);
  dap::LeaderJob Job(const std::vector<Bytes>& reports) { return *leader->Start(reports, Now()); }
  // A whole job; how many reports were accepted.
  std::uint64_t Aggregate(const std::vector<Bytes>& reports);
  Time Now() const { return clock.Now(); }

  TempDir folder;
  FakeExecutor clock;
  SeededRandom random{11};
  OsDurableFs fs;
  TaskPolicy policy;
  std::unique_ptr<security::KeyPair> identity;
  std::vector<std::unique_ptr<security::KeyPair>> device_keys;
  DeviceListEditor list;
  std::unique_ptr<SqliteAggregatorStore> store;
  std::unique_ptr<DeviceRegistry> devices;
  std::unique_ptr<SealingKeys> keys;
  std::unique_ptr<TaskRoom> room;

  dap::Task task;
  dap::WindowStart window;
  dap::HpkeConfig leader_config;
  dap::AggregatorKeys leader_keys;
  dap::HpkeKeyring collector;
  dap::MemoryAggregatorStore leader_store;
  std::unique_ptr<dap::Leader> leader;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TESTS_UNIT_TELEMETRY_AGGREGATOR_ROOM_WORLD_H_
