#include "tests/unit/telemetry/aggregator/room_world.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "telemetry/dap/report_builder.h"
#include "telemetry/schema/registry.h"

namespace flotilla::telemetry {
namespace {

constexpr std::size_t kRawKeyBytes = 32;

dap::HpkeConfig NewKey(std::uint8_t id, Random& random, dap::HpkeKeyring& ring) {
  security::HpkeKeyPair pair = *security::GenerateHpkeKeyPair(random);
  dap::HpkeConfig config;
  config.id = id;
  config.public_key.assign(pair.public_key.begin(), pair.public_key.end());
  ring.emplace(id, std::move(pair));
  return config;
}

}  // namespace

dap::TaskConfiguration GateTask(Time begin) {
  const schema::Metric& metric = schema::MetricOf(schema::MetricId::kGateVerdict);
  dap::TaskConfiguration task;
  task.task_info = ToBytes("gate");
  task.leader_endpoint = "controller.example:7442";
  task.helper_endpoint = kEndpoint;
  task.time_precision = dap::kHour;
  task.min_batch_size = dap::kLeastBatchSize;
  task.shape = *vdaf::SmallestReportShape(metric.buckets());
  task.interval = {.start = static_cast<std::uint64_t>(absl::ToUnixSeconds(begin)) / dap::kHour,
                   .duration = 2};
  task.noise = {.mechanism = dp::Mechanism::kDiscreteLaplace, .parameter = {1, 1}, .looks = 2};
  task.cohort = {.schema_version = schema::kSchemaVersion,
                 .metric = static_cast<std::uint32_t>(metric.id),
                 .arm = dap::Arm::kCanary,
                 .release = Digest(),
                 .hardware_class = 0};
  task.window = 1;
  task.kind = dap::TaskKind::kReal;
  return task;
}

DeviceKey DeviceOf(const security::PublicKey& key, const std::string& label) {
  DeviceKey device;
  const Bytes& spki = key.spki_der();
  std::copy(spki.end() - kRawKeyBytes, spki.end(), device.ed25519.begin());
  device.label = label;
  return device;
}

RoomWorld::RoomWorld(std::size_t device_count)
    : identity(*security::GenerateEd25519()),
      list(folder.path() / "devices", fs),
      task(*dap::Task::Create(GateTask(clock.Now() + absl::Hours(2)))),
      window(task.configuration().interval.start) {
  policy.endpoint = kEndpoint;
  std::vector<DeviceKey> registered;
  for (std::size_t i = 0; i < device_count; ++i) {
    device_keys.push_back(*security::GenerateEd25519());
    registered.push_back(DeviceOf(device_keys.back()->public_key()));
  }
  EXPECT_TRUE(list.Add(registered).ok());
  leader_config = NewKey(1, random, leader_keys.shares);
  leader_keys.collector = NewKey(9, random, collector);
  random.Fill(leader_keys.verify_key);
  leader =
      std::make_unique<dap::Leader>(*dap::Leader::Create(task, leader_keys, leader_store, random));
  Restart();
}

void RoomWorld::Restart() {
  room.reset();
  store.reset();
  store = *SqliteAggregatorStore::Open(folder.path() / "aggregator.db");
  devices = std::make_unique<DeviceRegistry>(folder.path() / "devices");
  keys = *SealingKeys::Open(folder.path() / "sealing.keys", kKeyLife, {*identity, fs, random},
                            clock.Now());
  auto opened = TaskRoom::Open({policy, *store, *devices, *keys, clock, random});
  ASSERT_TRUE(opened.ok()) << opened.status();
  room = *std::move(opened);
}

StoredTask RoomWorld::Stored() const {
  StoredTask stored;
  stored.configuration = task.encoded();
  stored.verify_key = leader_keys.verify_key;
  dap::HpkeConfigList list_of_one;
  list_of_one.configs.push_back(leader_keys.collector);
  stored.collector = list_of_one.Encode();
  return stored;
}

void RoomWorld::PutAndMeasure() {
  const auto put = room->Put(Stored());
  ASSERT_TRUE(put.ok()) << put.status();
  ASSERT_EQ(*put, task.id());
  clock.Advance(task.EndOf(window) + absl::Minutes(10) - clock.Now());
}

std::vector<Bytes> RoomWorld::Reports(std::size_t from, std::size_t to) {
  const auto configs = *dap::SignedHpkeConfigs::Decode(keys->signed_configs());
  const dap::HpkeConfig config =
      *dap::VerifyHpkeConfigs(configs, dap::Role::kHelper, identity->public_key(), clock.Now());
  std::vector<Bytes> reports;
  for (std::size_t i = from; i < to; ++i) {
    const auto builder =
        *dap::ReportBuilder::Create(task, leader_config, config, *device_keys[i], random);
    reports.push_back(*builder.Build(window, 0));
  }
  return reports;
}

std::uint64_t RoomWorld::Aggregate(const std::vector<Bytes>& reports) {
  const dap::LeaderJob job = Job(reports);
  const auto answer = room->Aggregate(task.id(), job.request);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? leader->Finish(job, *answer)->accepted : 0;
}

}  // namespace flotilla::telemetry
