#include "tests/unit/agent/health/health_fleet.h"

#include <array>
#include <utility>

#include "telemetry/schema/registry.h"
#include "telemetry/vdaf/histogram_shape.h"

namespace flotilla::agent {
namespace {

dap::HpkeConfig ConfigOf(std::uint8_t id, const security::HpkeKeyPair& pair) {
  dap::HpkeConfig config;
  config.id = id;
  config.public_key.assign(pair.public_key.begin(), pair.public_key.end());
  return config;
}

std::string Signed(const dap::HpkeConfig& config, dap::Role role, Time now,
                   security::Signer& identity) {
  const dap::HpkeConfigList list{{config}};
  return ToText(
      dap::SignHpkeConfigs(list, role, now - absl::Hours(1), absl::Hours(24 * 80), identity)
          ->Encode());
}

std::uint64_t UnitOf(Time time, std::uint64_t precision) {
  return static_cast<std::uint64_t>(absl::ToUnixSeconds(time)) / precision;
}

dap::TaskConfiguration BareTask(schema::MetricId metric, const Digest& release) {
  dap::TaskConfiguration task;
  task.task_info = ToBytes("test");
  task.leader_endpoint = "controller.example:7442";
  task.helper_endpoint = "helper.example:7446";
  task.min_batch_size = dap::kLeastBatchSize;
  task.shape = *vdaf::SmallestReportShape(schema::MetricOf(metric).buckets());
  task.cohort = {.schema_version = schema::kSchemaVersion,
                 .metric = static_cast<std::uint32_t>(metric),
                 .arm = dap::Arm::kCanary,
                 .release = release,
                 .hardware_class = 0};
  return task;
}

void SetWindows(dap::TaskConfiguration& task, std::uint64_t precision, Duration window, Time from,
                std::uint32_t looks) {
  task.time_precision = precision;
  task.window = static_cast<std::uint64_t>(absl::ToInt64Seconds(window)) / precision;
  const std::uint64_t unit = UnitOf(from, precision);
  task.noise.looks = looks;
  task.interval = {unit - unit % task.window, task.window * looks};
}

}  // namespace

Digest ReleaseOf(std::uint8_t number) {
  std::array<std::uint8_t, Digest::kSize> bytes{};
  bytes.fill(number);
  return Digest(bytes);
}

dap::TaskConfiguration TaskOf(schema::MetricId metric, const Digest& release, Duration window,
                              Time from) {
  dap::TaskConfiguration task = BareTask(metric, release);
  const bool gate = metric == schema::MetricId::kGateVerdict;
  const bool laplace = gate || window >= absl::Hours(24 * 30);
  task.noise.mechanism =
      laplace ? dp::Mechanism::kDiscreteLaplace : dp::Mechanism::kDiscreteGaussian;
  task.noise.parameter = gate      ? dp::Fraction{1, 1}
                         : laplace ? dp::Fraction{1, 2}
                                   : dp::Fraction{20, 1};
  task.kind = dap::TaskKind::kReal;
  SetWindows(task, dap::kHour, window, from, 2);
  return task;
}

dap::TaskConfiguration DemoOf(schema::MetricId metric, const Digest& release, Duration window,
                              Time from) {
  dap::TaskConfiguration task = BareTask(metric, release);
  task.noise = {dp::Mechanism::kDiscreteLaplace, {1, 1}, 4};
  task.kind = dap::TaskKind::kDemo;
  SetWindows(task, dap::kDemoPrecision, window, from, 4);
  return task;
}

HealthFleet::HealthFleet(Time now)
    : leader_identity_key(*security::GenerateEd25519()),
      helper_identity_key(*security::GenerateEd25519()) {
  SeededRandom random(5);
  leader_key = *security::GenerateHpkeKeyPair(random);
  helper_key = *security::GenerateHpkeKeyPair(random);
  leader_configs = Signed(ConfigOf(1, leader_key), dap::Role::kLeader, now, *leader_identity_key);
  helper_configs = Signed(ConfigOf(2, helper_key), dap::Role::kHelper, now, *helper_identity_key);
}

v1::GetHealthTasksResponse HealthFleet::Answer(
    const std::vector<dap::TaskConfiguration>& tasks) const {
  v1::GetHealthTasksResponse response;
  for (const dap::TaskConfiguration& task : tasks) {
    response.add_task_configurations(ToText(task.Encode()));
  }
  response.set_leader_identity(ToText(leader_identity_key->public_key().spki_der()));
  response.set_leader_hpke_configs(leader_configs);
  response.set_helper_hpke_configs(helper_configs);
  return response;
}

SealingKeys HealthFleet::Keys(Time now) const {
  return *TakeSealingKeys(Answer({}), helper_identity(), now);
}

OwnersRules AllowAll() {
  return {schema::MetricSwitches::AsInTheTable().With(schema::MetricId::kUsageBand,
                                                      schema::Switch::kOn),
          DemoTasks::kAnswer};
}

}  // namespace flotilla::agent
