// A controller's fleet and leader, a helper, and devices that install and vote, on one clock. The
// controller may die at any moment; the stores and the helper stay.
#ifndef FLOTILLA_TESTS_INTEGRATION_CONTROLLER_GUARD_WORLD_H_
#define FLOTILLA_TESTS_INTEGRATION_CONTROLLER_GUARD_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/os_durable_fs.h"
#include "controller/fleet/fleet.h"
#include "controller/health/guard_desk.h"
#include "controller/health/health_desk.h"
#include "controller/health/leader_keys.h"
#include "security/key_file.h"
#include "telemetry/dap/task.h"
#include "tests/support/fake_aggregation.h"
#include "tests/support/fake_device_session.h"
#include "tests/support/fake_executor.h"
#include "tests/support/held_commit_queue.h"
#include "tests/support/memory_aggregator_store.h"
#include "tests/support/memory_fleet_store.h"
#include "tests/support/memory_health_store.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {

// The clock of whichever process runs now.
class WorldClock final : public Clock {
 public:
  explicit WorldClock(const std::unique_ptr<FakeExecutor>& loop) : loop_(loop) {}
  Time Now() const override { return loop_->Now(); }
  Duration Monotonic() const override { return loop_->Monotonic(); }

 private:
  const std::unique_ptr<FakeExecutor>& loop_;
};

class GuardWorld {
 public:
  enum class Helper { kUnspecified = 0, kThere, kNone };

  // Devices in use that run pump 1.0.0, which is the line's baseline.
  GuardWorld(std::size_t devices, Helper helper);
  ~GuardWorld();
  GuardWorld(const GuardWorld&) = delete;
  GuardWorld& operator=(const GuardWorld&) = delete;

  // As by kill -9: what was not committed is lost.
  void Restart();
  // A guarded rollout of 2.0.0: `canaries` devices, then the rest. Demonstration windows of 5 s.
  static v1::RolloutSpec Guarded(std::uint32_t canaries, std::uint32_t looks);
  void Start(const v1::RolloutSpec& spec);
  // Time goes on in steps of 0.1 s: devices install what they are told, and vote.
  void Advance(Duration duration);
  // Until `done`, at most `limit`.
  bool AdvanceUntil(const std::function<bool()>& done, Duration limit);

  v1::Rollout Rollout() const;
  v1::WaveGuard Guard() const { return Rollout().waves(0).guard(); }
  // As the store has it.
  v1::WaveGuard StoredGuard();
  std::string Explained() const;
  // Entries of the audit log with this action.
  std::size_t Audited(const std::string& action);
  std::size_t tasks() { return health_store_.Load()->tasks.size(); }
  // Devices that were told of a gate's task, by arm.
  const std::map<v1::HealthArm, std::set<std::string>>& told() const { return told_; }

  std::uint32_t bad_canaries_percent = 0;
  // What is committed does not reach the store any more.
  bool commits_held = false;
  FakeHelper& helper() { return helper_; }

 private:
  struct Device {
    std::unique_ptr<security::KeyPair> reporting_key;
    std::shared_ptr<FakeDeviceSession> session;
    std::uint64_t boot = 0;
    std::uint64_t seq = 0;
    v1::ReleaseRef current;
    std::set<std::pair<std::string, std::uint64_t>> reported;  // task, window
  };
  void FillFleet(std::size_t devices);
  void StartProcess();
  void Connect(const std::string& id, Device& device);
  void Settle();
  void Work();
  void Install(const std::string& id, Device& device);
  void Say(const std::string& id, Device& device, const v1::Assignment& assignment,
           v1::DeploymentState state);
  void Vote(const std::string& id, Device& device);
  void Report(const std::string& id, Device& device, const dap::Task& task,
              dap::WindowStart window);

  const Helper has_helper_;
  std::unique_ptr<FakeExecutor> loop_ = std::make_unique<FakeExecutor>();
  WorldClock clock_{loop_};
  SeededRandom random_{7};
  TempDir folder_;
  OsDurableFs fs_;
  MemoryFleetStore fleet_store_;
  MemoryHealthStore health_store_;
  dap::MemoryAggregatorStore shares_;
  std::map<std::string, Device> devices_;
  std::map<v1::HealthArm, std::set<std::string>> told_;
  std::map<std::string, std::shared_ptr<const dap::Task>> gates_;  // by id
  Time heard_;
  FakeHelper helper_{clock_, random_};

  // The process, in order of construction; each part goes before those above it.
  std::unique_ptr<HealthBoard> board_;
  std::unique_ptr<LeaderKeys> keys_;
  std::unique_ptr<HeldCommitQueue> commits_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<HealthDesk> health_;
  std::unique_ptr<GuardDesk> guards_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_INTEGRATION_CONTROLLER_GUARD_WORLD_H_
