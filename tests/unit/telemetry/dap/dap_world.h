// A task with its devices, leader, helper and collector in one process.
#ifndef FLOTILLA_TESTS_UNIT_TELEMETRY_DAP_DAP_WORLD_H_
#define FLOTILLA_TESTS_UNIT_TELEMETRY_DAP_DAP_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "security/key_file.h"
#include "telemetry/dap/aggregator_keys.h"
#include "telemetry/dap/leader.h"
#include "telemetry/dap/report_builder.h"
#include "telemetry/dap/responder.h"
#include "telemetry/dap/task.h"
#include "tests/support/memory_aggregator_store.h"
#include "tests/support/seeded_random.h"

namespace flotilla::dap {

// Two windows of an hour, five buckets, Laplace of epsilon 1.
TaskConfiguration GateConfiguration();

// Every change of one field that leaves a valid task, by the name of the field.
std::vector<std::pair<std::string, TaskConfiguration>> OtherTasks();

class DapWorld {
 public:
  DapWorld(std::size_t device_count, const TaskConfiguration& configuration);
  explicit DapWorld(std::size_t device_count = 4) : DapWorld(device_count, GateConfiguration()) {}

  Bytes ReportOf(std::size_t device, std::uint32_t bucket) {
    return ReportOf(device, bucket, window);
  }
  Bytes ReportOf(std::size_t device, std::uint32_t bucket, WindowStart at);
  // What a device sends that made `sharded` of its own.
  Bytes Sealed(std::size_t device, const ReportMetadata& metadata,
               const vdaf::ShardedMeasurement& sharded);

  // One job, all three steps. The verdict of both.
  LeaderVerdict Aggregate(const std::vector<Bytes>& reports);
  // A report of each device, `bucket_of(device)`; one job.
  LeaderVerdict AggregateAll();
  // What AggregateAll has voted for.
  static std::uint32_t BucketOf(std::size_t device) {
    return static_cast<std::uint32_t>(device % 5);
  }
  // The sum before noise, of both stores.
  std::vector<std::int64_t> HonestSum();
  BatchBucket HelperBucket() const;
  BatchBucket LeaderBucket() const;

  HpkeConfig leader_config;
  HpkeConfig helper_config;
  SeededRandom random{7};
  Task task;
  WindowStart window;
  Time now;  // ten minutes after the window
  std::vector<std::unique_ptr<security::KeyPair>> devices;
  MemoryReportingKeys registered;
  MemoryAggregatorStore leader_store;
  MemoryAggregatorStore helper_store;
  AggregatorKeys leader_keys;
  AggregatorKeys helper_keys;
  HpkeKeyring collector;
  std::unique_ptr<Leader> leader;
  std::unique_ptr<Responder> helper;
};

// The errors of a verdict, in order.
std::vector<ReportError> ErrorsOf(const LeaderVerdict& verdict);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TESTS_UNIT_TELEMETRY_DAP_DAP_WORLD_H_
