#include "tests/bench/privacy/health_world.h"

#include <time.h>

#include <algorithm>
#include <span>
#include <utility>

#include "telemetry/dap/aggregation_messages.h"
#include "telemetry/dap/device_signature.h"
#include "telemetry/dap/input_share.h"
#include "telemetry/schema/registry.h"

namespace flotilla::dap {
namespace {

constexpr std::uint64_t kFirstDay = 20'000;
constexpr std::uint64_t kDaysOfWindow = 7;

StatusOr<TaskConfiguration> WeeklyHistogram(std::uint32_t buckets) {
  TaskConfiguration task;
  task.task_info = ToBytes("bench");
  task.leader_endpoint = "leader.example:7442";
  task.helper_endpoint = "helper.example:7446";
  task.time_precision = kDay;
  task.min_batch_size = kLeastBatchSize;
  FLOTILLA_ASSIGN_OR_RETURN(task.shape, vdaf::SmallestReportShape(buckets));
  task.interval = {.start = kFirstDay, .duration = kDaysOfWindow};
  task.noise = {.mechanism = dp::Mechanism::kDiscreteGaussian, .parameter = {20, 1}, .looks = 1};
  task.cohort = {.schema_version = schema::kSchemaVersion,
                 .metric = 2,
                 .arm = Arm::kFleet,
                 .release = Digest(),
                 .hardware_class = 0};
  task.window = kDaysOfWindow;
  task.kind = TaskKind::kReal;
  return task;
}

StatusOr<HpkeConfig> NewKey(std::uint8_t id, Random& random, HpkeKeyring& ring) {
  FLOTILLA_ASSIGN_OR_RETURN(security::HpkeKeyPair pair, security::GenerateHpkeKeyPair(random));
  HpkeConfig config;
  config.id = id;
  config.public_key.assign(pair.public_key.begin(), pair.public_key.end());
  ring.emplace(id, std::move(pair));
  return config;
}

}  // namespace

double CpuSeconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
}

StatusOr<std::unique_ptr<HealthWorld>> HealthWorld::Create(std::uint32_t buckets,
                                                           std::size_t devices) {
  FLOTILLA_ASSIGN_OR_RETURN(const TaskConfiguration configuration, WeeklyHistogram(buckets));
  FLOTILLA_ASSIGN_OR_RETURN(Task task, Task::Create(configuration));
  auto world = std::unique_ptr<HealthWorld>(new HealthWorld(std::move(task)));
  FLOTILLA_RETURN_IF_ERROR(world->AddKeys(devices));
  FLOTILLA_ASSIGN_OR_RETURN(Leader leader, Leader::Create(world->task_, world->leader_keys_,
                                                          world->leader_store_, world->random_));
  world->leader_ = std::make_unique<Leader>(std::move(leader));
  FLOTILLA_ASSIGN_OR_RETURN(Responder helper,
                            Responder::Create(world->task_, world->helper_keys_, world->registered_,
                                              world->helper_store_, world->random_));
  world->helper_ = std::make_unique<Responder>(std::move(helper));
  return world;
}

Status HealthWorld::AddKeys(std::size_t devices) {
  FLOTILLA_ASSIGN_OR_RETURN(leader_config_, NewKey(1, random_, leader_keys_.shares));
  FLOTILLA_ASSIGN_OR_RETURN(helper_config_, NewKey(2, random_, helper_keys_.shares));
  FLOTILLA_ASSIGN_OR_RETURN(leader_keys_.collector, NewKey(9, random_, collector_));
  helper_keys_.collector = leader_keys_.collector;
  random_.Fill(leader_keys_.verify_key);
  helper_keys_.verify_key = leader_keys_.verify_key;
  for (std::size_t i = 0; i < devices; ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(auto key, security::GenerateEd25519());
    registered_.Register(KeyIdOf(key->public_key()), key->public_key());
    devices_.push_back(std::move(key));
  }
  return OkStatus();
}

StatusOr<Bytes> HealthWorld::ReportOf(std::size_t index) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const ReportBuilder builder,
      ReportBuilder::Create(task_, leader_config_, helper_config_, *devices_[index], random_));
  const auto buckets = task_.configuration().shape.buckets;
  return builder.Build(kFirstDay, static_cast<std::uint32_t>(index % buckets));
}

StatusOr<vdaf::ShardedMeasurement> HealthWorld::Shard() {
  return vdaf::Shard(task_.prio3(), task_.context(), 0, {}, random_);
}

StatusOr<Bytes> HealthWorld::SealForHelper(const Bytes& payload) {
  const PlaintextInputShare share{.private_extensions = {}, .payload = payload};
  FLOTILLA_ASSIGN_OR_RETURN(
      const HpkeCiphertext sealed,
      SealInputShare(share, helper_config_, Role::kHelper, task_.encoded(), random_));
  return sealed.payload;
}

Status HealthWorld::OneJob(std::span<const Bytes> reports, Spent& spent) {
  const Time now = task_.EndOf(kFirstDay) + absl::Hours(1);
  double begin = CpuSeconds();
  for (const Bytes& report : reports) {
    FLOTILLA_ASSIGN_OR_RETURN(const ReportError error, leader_->Screen(report, now));
    if (error != ReportError::kNone) {
      return Internal("bench: a report was refused");
    }
  }
  FLOTILLA_ASSIGN_OR_RETURN(const LeaderJob job, leader_->Start(reports, now));
  spent.leader += CpuSeconds() - begin;
  begin = CpuSeconds();
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes answer, helper_->Aggregate(job.request, now));
  spent.helper += CpuSeconds() - begin;
  begin = CpuSeconds();
  FLOTILLA_ASSIGN_OR_RETURN(const LeaderVerdict verdict, leader_->Finish(job, answer));
  spent.leader += CpuSeconds() - begin;
  spent.accepted += verdict.accepted;
  return OkStatus();
}

StatusOr<HealthWorld::Spent> HealthWorld::Verify(const std::vector<Bytes>& reports) {
  Spent spent;
  const std::span<const Bytes> all(reports);
  for (std::size_t next = 0; next < all.size(); next += kMaxReportsOfJob) {
    const std::size_t count = std::min(kMaxReportsOfJob, all.size() - next);
    FLOTILLA_RETURN_IF_ERROR(OneJob(all.subspan(next, count), spent));
  }
  const Time now = task_.EndOf(kFirstDay) + absl::Hours(1);
  double begin = CpuSeconds();
  FLOTILLA_ASSIGN_OR_RETURN(const LeaderCollection collection, leader_->Collect(kFirstDay, now));
  spent.leader_collect = CpuSeconds() - begin;
  begin = CpuSeconds();
  FLOTILLA_RETURN_IF_ERROR(helper_->ShareOf(collection.request, now).status());
  spent.helper_collect = CpuSeconds() - begin;
  return spent;
}

}  // namespace flotilla::dap
