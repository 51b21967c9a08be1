// A leader with its helper and devices in one process; the leader may die at any call.
#ifndef FLOTILLA_TESTS_UNIT_CONTROLLER_HEALTH_HEALTH_WORLD_H_
#define FLOTILLA_TESTS_UNIT_CONTROLLER_HEALTH_HEALTH_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/os_durable_fs.h"
#include "controller/health/health_desk.h"
#include "security/key_file.h"
#include "telemetry/dap/task.h"
#include "tests/support/fake_aggregation.h"
#include "tests/support/fake_executor.h"
#include "tests/support/memory_aggregator_store.h"
#include "tests/support/memory_health_store.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {

// Counts what a process does to the world outside, before and after each call; at one of these
// moments it dies, and none of its later calls does anything.
class CrashPoint {
 public:
  // 1 is the moment before the first call, 2 the one after it.
  void DieAt(int moment) {
    moments_ = 0;
    die_at_ = moment;
    dead_ = false;
  }
  bool dead() const { return dead_; }

  template <typename Body>
  auto Pass(Body body) -> decltype(body()) {
    if (Dies()) {
      return Unavailable("dead");
    }
    auto answer = body();
    if (Dies()) {
      return Unavailable("dead");
    }
    return answer;
  }

 private:
  bool Dies() {
    dead_ = dead_ || ++moments_ == die_at_;
    return dead_;
  }

  int moments_ = 0;
  int die_at_ = 0;
  bool dead_ = false;
};

class HealthWorld {
 public:
  // Devices whose reporting keys are registered.
  explicit HealthWorld(std::size_t device_count);
  ~HealthWorld();
  HealthWorld(const HealthWorld&) = delete;
  HealthWorld& operator=(const HealthWorld&) = delete;

  // The leader's process.
  void StartLeader();
  void KillLeader();

  // A task of one window; the cohort is all devices.
  StatusOr<v1::HealthTask> Ask(dap::TaskKind kind, std::string_view metric = "gate_verdict");
  // Demo, of 10 s.
  dap::Task AskDemo();
  TaskAsk AskOf(dap::TaskKind kind, std::string_view metric = "gate_verdict") const;
  Bytes ReportOf(std::size_t device, const dap::Task& task, std::uint32_t bucket);
  StatusOr<v1::UploadResult> Upload(std::size_t device, const dap::Task& task, const Bytes& report);
  // Device i votes for bucket i % buckets. What was answered TAKEN.
  std::size_t UploadAll(const dap::Task& task);
  // To this moment of the task's first window.
  void AdvanceTo(Time at);
  v1::HealthWindow FirstWindow(const dap::Task& task) const;
  // Pre-noise sum of both aggregators for the first window.
  std::vector<std::int64_t> HonestSum(const dap::Task& task);

  FakeExecutor clock;
  SeededRandom random{11};
  TempDir folder;
  OsDurableFs fs;
  MemoryHealthStore store;
  dap::MemoryAggregatorStore shares;
  FakeHelper helper{clock, random};
  CrashPoint crash;
  HealthBoard board;
  std::vector<std::unique_ptr<security::KeyPair>> devices;
  std::unique_ptr<LeaderKeys> keys;

 private:
  struct Process;
  std::unique_ptr<Process> process_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_UNIT_CONTROLLER_HEALTH_HEALTH_WORLD_H_
