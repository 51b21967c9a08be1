#include "tests/unit/telemetry/dap/dap_world.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "telemetry/dap/admission.h"
#include "telemetry/dap/device_signature.h"
#include "telemetry/dap/input_share.h"

namespace flotilla::dap {
namespace {

HpkeConfig NewKey(std::uint8_t id, Random& random, HpkeKeyring& ring) {
  security::HpkeKeyPair pair = *security::GenerateHpkeKeyPair(random);
  HpkeConfig config;
  config.id = id;
  config.public_key.assign(pair.public_key.begin(), pair.public_key.end());
  ring.emplace(id, std::move(pair));
  return config;
}

}  // namespace

TaskConfiguration GateConfiguration() {
  TaskConfiguration task;
  task.task_info = ToBytes("gate 7");
  task.leader_endpoint = "https://leader.example/";
  task.helper_endpoint = "https://helper.example/";
  task.time_precision = kHour;
  task.min_batch_size = kLeastBatchSize;
  task.shape = {.buckets = 5, .chunk_length = 2};
  task.interval = {.start = 500000, .duration = 2};
  task.noise = {.mechanism = dp::Mechanism::kDiscreteLaplace, .parameter = {1, 1}, .looks = 2};
  std::array<std::uint8_t, Digest::kSize> release{};
  release.fill(0xab);
  task.cohort = {.schema_version = 1,
                 .metric = 1,
                 .arm = Arm::kCanary,
                 .release = Digest(release),
                 .hardware_class = 0};
  task.window = 1;
  task.kind = TaskKind::kReal;
  return task;
}

std::vector<std::pair<std::string, TaskConfiguration>> OtherTasks() {
  const TaskConfiguration task = GateConfiguration();
  std::vector<std::pair<std::string, TaskConfiguration>> others;
  const auto other = [&](const char* name) -> TaskConfiguration& {
    return others.emplace_back(name, task).second;
  };
  other("task_info").task_info.back() ^= 1;
  other("leader_endpoint").leader_endpoint.back() = '?';
  other("helper_endpoint").helper_endpoint.back() = '?';
  other("min_batch_size").min_batch_size = 101;
  other("shape").shape = {.buckets = 4, .chunk_length = vdaf::SmallestReportShape(4)->chunk_length};
  other("interval.start").interval.start -= 2;
  other("noise.parameter").noise.parameter = {8, 1};
  other("noise.denominator").noise.parameter = {2, 2};
  TaskConfiguration& looks = other("noise.looks");
  looks.noise.looks = 4;
  looks.interval.duration = 4;
  TaskConfiguration& gauss = other("noise.mechanism");
  gauss.noise.mechanism = dp::Mechanism::kDiscreteGaussian;
  other("cohort.schema_version").cohort.schema_version = 2;
  other("cohort.metric").cohort.metric = 2;
  other("cohort.arm").cohort.arm = Arm::kControl;
  other("cohort.release").cohort.release = Digest();
  other("cohort.hardware_class").cohort.hardware_class = 1;
  TaskConfiguration& window = other("window");
  window.window = 2;
  window.interval.duration = 4;
  other("kind").kind = TaskKind::kDemo;
  TaskConfiguration& precision = other("time_precision");
  precision.time_precision = kDay;
  return others;
}

DapWorld::DapWorld(std::size_t device_count, const TaskConfiguration& configuration)
    : task(*Task::Create(configuration)),
      window(configuration.interval.start),
      now(task.EndOf(window) + absl::Minutes(10)) {
  leader_config = NewKey(1, random, leader_keys.shares);
  helper_config = NewKey(2, random, helper_keys.shares);
  leader_keys.collector = NewKey(9, random, collector);
  helper_keys.collector = leader_keys.collector;
  random.Fill(leader_keys.verify_key);
  helper_keys.verify_key = leader_keys.verify_key;
  for (std::size_t i = 0; i < device_count; ++i) {
    devices.push_back(*security::GenerateEd25519());
    registered.Register(KeyIdOf(devices.back()->public_key()), devices.back()->public_key());
  }
  leader = std::make_unique<Leader>(*Leader::Create(task, leader_keys, leader_store, random));
  helper = std::make_unique<Responder>(
      *Responder::Create(task, helper_keys, registered, helper_store, random));
}

Bytes DapWorld::ReportOf(std::size_t device, std::uint32_t bucket, WindowStart at) {
  const ReportBuilder builder =
      *ReportBuilder::Create(task, leader_config, helper_config, *devices[device], random);
  return *builder.Build(at, bucket);
}

Bytes DapWorld::Sealed(std::size_t device, const ReportMetadata& metadata,
                       const vdaf::ShardedMeasurement& sharded) {
  Report report;
  report.metadata = metadata;
  report.public_share = sharded.public_share;
  const Bytes aad = InputShareAad(task.id(), task.encoded(), metadata, report.public_share);
  const PlaintextInputShare to_leader{.private_extensions = {}, .payload = sharded.input_shares[0]};
  PlaintextInputShare to_helper{.private_extensions = {}, .payload = sharded.input_shares[1]};
  to_helper.private_extensions = SignReport(*devices[device], aad, to_helper.payload)->Encode();
  report.leader_share = *SealInputShare(to_leader, leader_config, Role::kLeader, aad, random);
  report.helper_share = *SealInputShare(to_helper, helper_config, Role::kHelper, aad, random);
  return report.Encode();
}

LeaderVerdict DapWorld::Aggregate(const std::vector<Bytes>& reports) {
  const LeaderJob job = *leader->Start(reports, now);
  LeaderVerdict verdict;
  if (!job.request.empty()) {
    const StatusOr<Bytes> answer = helper->Aggregate(job.request, now);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (answer.ok()) verdict = *leader->Finish(job, *answer);
  }
  verdict.refused.insert(verdict.refused.begin(), job.refused.begin(), job.refused.end());
  return verdict;
}

LeaderVerdict DapWorld::AggregateAll() {
  std::vector<Bytes> reports;
  for (std::size_t i = 0; i < devices.size(); ++i) reports.push_back(ReportOf(i, BucketOf(i)));
  return Aggregate(reports);
}

std::vector<std::int64_t> DapWorld::HonestSum() {
  return *task.prio3().Unshard(
      std::vector<Bytes>{LeaderBucket().aggregate, HelperBucket().aggregate});
}

BatchBucket DapWorld::HelperBucket() const {
  return *LoadBucket(task, window, helper_store);
}

BatchBucket DapWorld::LeaderBucket() const {
  return *LoadBucket(task, window, leader_store);
}

std::vector<ReportError> ErrorsOf(const LeaderVerdict& verdict) {
  std::vector<ReportError> errors;
  for (const auto& [id, error] : verdict.refused) errors.push_back(error);
  return errors;
}

}  // namespace flotilla::dap
