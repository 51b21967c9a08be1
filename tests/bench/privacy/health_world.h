// Devices, leader and helper of one task in one process, for measuring: no transport, stores in
// memory.
#ifndef FLOTILLA_TESTS_BENCH_PRIVACY_HEALTH_WORLD_H_
#define FLOTILLA_TESTS_BENCH_PRIVACY_HEALTH_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/os_random.h"
#include "base/status.h"
#include "security/key_file.h"
#include "telemetry/dap/aggregator_keys.h"
#include "telemetry/dap/leader.h"
#include "telemetry/dap/report_builder.h"
#include "telemetry/dap/responder.h"
#include "telemetry/dap/task.h"
#include "tests/support/memory_aggregator_store.h"

namespace flotilla::dap {

// CPU seconds of this process so far, all threads.
double CpuSeconds();

// A weekly histogram with Gaussian noise.
class HealthWorld {
 public:
  // Errors of what it is made of.
  static StatusOr<std::unique_ptr<HealthWorld>> Create(std::uint32_t buckets, std::size_t devices);

  const Task& task() const { return task_; }
  std::size_t devices() const { return devices_.size(); }
  // What the device `index` sends.
  StatusOr<Bytes> ReportOf(std::size_t index);
  // The parts of it, for themselves.
  StatusOr<vdaf::ShardedMeasurement> Shard();
  StatusOr<Bytes> SealForHelper(const Bytes& payload);

  // CPU seconds of each party for these reports: leader's Screen, Start and Finish, helper's
  // Aggregate, in jobs of 1,024; and both for the collection of the window.
  struct Spent {
    double leader = 0;
    double helper = 0;
    double leader_collect = 0;
    double helper_collect = 0;
    std::uint64_t accepted = 0;
  };
  StatusOr<Spent> Verify(const std::vector<Bytes>& reports);

 private:
  explicit HealthWorld(Task task) : task_(std::move(task)) {}
  Status AddKeys(std::size_t devices);
  Status OneJob(std::span<const Bytes> reports, Spent& spent);

  OsRandom random_;
  Task task_;
  HpkeConfig leader_config_;
  HpkeConfig helper_config_;
  AggregatorKeys leader_keys_;
  AggregatorKeys helper_keys_;
  HpkeKeyring collector_;
  std::vector<std::unique_ptr<security::KeyPair>> devices_;
  MemoryReportingKeys registered_;
  MemoryAggregatorStore leader_store_;
  MemoryAggregatorStore helper_store_;
  std::unique_ptr<Leader> leader_;
  std::unique_ptr<Responder> helper_;
};

}  // namespace flotilla::dap

#endif  // FLOTILLA_TESTS_BENCH_PRIVACY_HEALTH_WORLD_H_
