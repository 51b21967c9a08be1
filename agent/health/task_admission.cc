#include "agent/health/task_admission.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

#include "telemetry/dp/noise.h"
#include "telemetry/schema/registry.h"

namespace flotilla::agent {
namespace {

using dap::TaskConfiguration;
using dp::Fraction;
using dp::Mechanism;

constexpr std::uint32_t kGateLooks = 2;
constexpr std::uint32_t kDemoLooks = 4;
constexpr std::uint64_t kLeastSigma = 20;
constexpr Duration kLaplaceWindow = absl::Hours(24 * 30);
constexpr Duration kGaussWindow = absl::Hours(24 * 7);
constexpr std::size_t kEd25519SpkiBytes = 44;

// Parts of a fraction of a task that passed Check are at most 10^9.
bool AtMost(const Fraction& value, const Fraction& limit) {
  return value.numerator * limit.denominator <= limit.numerator * value.denominator;
}

bool IsHostAndPort(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return false;
  }
  const std::string_view port = text.substr(colon + 1);
  return port.size() <= 5 &&
         std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Duration WindowOf(const TaskConfiguration& task) {
  return absl::Seconds(static_cast<std::int64_t>(task.window * task.time_precision));
}

bool IsLaplace(const TaskConfiguration& task, const Fraction& most_epsilon) {
  return task.noise.mechanism == Mechanism::kDiscreteLaplace &&
         AtMost(task.noise.parameter, most_epsilon);
}

std::string CheckNoise(const TaskConfiguration& task) {
  if (task.kind == dap::TaskKind::kDemo) {
    return IsLaplace(task, {1, 1}) && task.noise.looks <= kDemoLooks
               ? ""
               : "its noise is weaker than a demonstration may have";
  }
  if (static_cast<schema::MetricId>(task.cohort.metric) == schema::MetricId::kGateVerdict) {
    return IsLaplace(task, {1, 1}) && task.noise.looks <= kGateLooks
               ? ""
               : "its noise is weaker than this device accepts for a gate";
  }
  const bool laplace = IsLaplace(task, {1, 2}) && WindowOf(task) >= kLaplaceWindow;
  const bool gauss = task.noise.mechanism == Mechanism::kDiscreteGaussian &&
                     AtMost({kLeastSigma, 1}, task.noise.parameter) &&
                     WindowOf(task) >= kGaussWindow;
  return laplace || gauss ? "" : "its noise is weaker than this device accepts";
}

std::string CheckCohort(const TaskConfiguration& task, const schema::MetricSwitches& switches) {
  if (task.cohort.schema_version != schema::kSchemaVersion) {
    return absl::StrCat("it is of schema version ", task.cohort.schema_version, ", this device of ",
                        schema::kSchemaVersion);
  }
  const schema::Metric* const metric = schema::FindMetric(task.cohort.metric);
  if (metric == nullptr || task.shape.buckets != metric->buckets()) {
    return "it asks for a metric that this device does not know";
  }
  if (!switches.IsOn(metric->id)) {
    return "the owner switched this metric off";
  }
  return task.cohort.hardware_class == 0 ? "" : "it is for a class of hardware";
}

std::string CheckPlaceAndTime(const TaskConfiguration& task, DemoTasks demo, Time now) {
  if (task.kind == dap::TaskKind::kDemo && demo != DemoTasks::kAnswer) {
    return "it is a demonstration, which this device's owner does not allow";
  }
  if (task.min_batch_size < dap::kLeastBatchSize) {
    return "its minimum batch is below 100 devices";
  }
  if (!IsHostAndPort(task.leader_endpoint) || !IsHostAndPort(task.helper_endpoint) ||
      task.leader_endpoint == task.helper_endpoint) {
    return "its leader and helper are not two addresses";
  }
  if (task.interval.start % task.window != 0) {
    return "its windows are not those of all devices";
  }
  const std::uint64_t end = (task.interval.start + task.interval.duration) * task.time_precision;
  return now < absl::FromUnixSeconds(static_cast<std::int64_t>(end)) ? "" : "it is over";
}

std::string Refusal(const TaskConfiguration& task, const OwnersRules& rules, Time now) {
  std::string refusal = CheckCohort(task, rules.switches);
  if (refusal.empty()) {
    refusal = CheckPlaceAndTime(task, rules.demo, now);
  }
  return refusal.empty() ? CheckNoise(task) : refusal;
}

// SubjectPublicKeyInfo of an Ed25519 key: short enough for one line of PEM.
StatusOr<security::PublicKey> Ed25519FromSpki(ByteView spki) {
  if (spki.size() != kEd25519SpkiBytes) {
    return InvalidArgument("not an Ed25519 key");
  }
  std::string base64 = Base64UrlEncode(spki);
  std::replace(base64.begin(), base64.end(), '-', '+');
  std::replace(base64.begin(), base64.end(), '_', '/');
  base64.resize((base64.size() + 3) / 4 * 4, '=');
  FLOTILLA_ASSIGN_OR_RETURN(security::PublicKey key, security::PublicKey::FromPem(absl::StrCat(
                                                         "-----BEGIN PUBLIC KEY-----\n", base64,
                                                         "\n-----END PUBLIC KEY-----\n")));
  if (key.kind() != security::KeyKind::kEd25519) {
    return InvalidArgument("not an Ed25519 key");
  }
  return key;
}

StatusOr<dap::HpkeConfig> TakeKey(const std::string& encoded, dap::Role role,
                                  const security::PublicKey& identity, Time now, Time& expires) {
  FLOTILLA_ASSIGN_OR_RETURN(const dap::SignedHpkeConfigs configs,
                            dap::SignedHpkeConfigs::Decode(AsBytes(encoded)));
  FLOTILLA_ASSIGN_OR_RETURN(dap::HpkeConfig key,
                            dap::VerifyHpkeConfigs(configs, role, identity, now));
  // Verified, so that it lies within 90 days of now.
  expires = std::min(expires, absl::FromUnixSeconds(static_cast<std::int64_t>(configs.expires)));
  return key;
}

}  // namespace

AdmittedTask Admit(ByteView configuration, const OwnersRules& rules, Time now) {
  if (configuration.size() > kMaxTaskConfigurationBytes) {
    return {nullptr, "its configuration is too long"};
  }
  const StatusOr<TaskConfiguration> decoded = TaskConfiguration::Decode(configuration);
  StatusOr<dap::Task> task =
      decoded.ok() ? dap::Task::Create(*decoded) : StatusOr<dap::Task>(decoded.status());
  if (!task.ok()) {
    return {nullptr, MessageOf(task.status())};
  }
  return {std::make_shared<const dap::Task>(*std::move(task)), Refusal(*decoded, rules, now)};
}

std::vector<AdmittedTask> AdmitAll(const v1::GetHealthTasksResponse& response,
                                   const OwnersRules& rules, Time now) {
  std::vector<AdmittedTask> tasks;
  for (const std::string& configuration : response.task_configurations()) {
    if (tasks.size() == kMaxHealthTasks) {
      break;
    }
    AdmittedTask next = Admit(AsBytes(configuration), rules, now);
    const bool known = std::any_of(tasks.begin(), tasks.end(), [&](const AdmittedTask& other) {
      return next.task != nullptr && other.task != nullptr && other.task->id() == next.task->id();
    });
    if (!known) {
      tasks.push_back(std::move(next));
    }
  }
  return tasks;
}

StatusOr<SealingKeys> TakeSealingKeys(const v1::GetHealthTasksResponse& response,
                                      const security::PublicKey& helper_identity, Time now) {
  SealingKeys keys;
  keys.expires = absl::InfiniteFuture();
  StatusOr<dap::HpkeConfig> helper = TakeKey(response.helper_hpke_configs(), dap::Role::kHelper,
                                             helper_identity, now, keys.expires);
  if (!helper.ok()) {
    return Annotate(helper.status(), "the helper's keys");
  }
  keys.helper = *std::move(helper);
  const StatusOr<security::PublicKey> identity =
      Ed25519FromSpki(AsBytes(response.leader_identity()));
  if (!identity.ok()) {
    return Annotate(identity.status(), "the leader's identity");
  }
  StatusOr<dap::HpkeConfig> leader =
      TakeKey(response.leader_hpke_configs(), dap::Role::kLeader, *identity, now, keys.expires);
  if (!leader.ok()) {
    return Annotate(leader.status(), "the leader's keys");
  }
  keys.leader = *std::move(leader);
  return keys;
}

}  // namespace flotilla::agent
