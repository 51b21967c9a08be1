#include "telemetry/aggregator/task_policy.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "telemetry/dp/noise.h"
#include "telemetry/schema/registry.h"

namespace flotilla::telemetry {
namespace {

constexpr std::uint32_t kGateLooks = 2;
constexpr std::uint32_t kDemoLooks = 4;
constexpr dp::Fraction kEpsilonOne{.numerator = 1, .denominator = 1};
constexpr dp::Fraction kEpsilonHalf{.numerator = 1, .denominator = 2};
constexpr dp::Fraction kLeastSigma{.numerator = 20, .denominator = 1};
constexpr Duration kMonth = absl::Hours(24 * 30);
constexpr Duration kWeek = absl::Hours(24 * 7);

// CheckPolicy bounds the parts of a fraction by 10^9, so no product wraps.
bool AtMost(const dp::Fraction& value, const dp::Fraction& bound) {
  return value.numerator * bound.denominator <= bound.numerator * value.denominator;
}

bool IsLaplace(const dp::NoisePolicy& noise, const dp::Fraction& most) {
  return noise.mechanism == dp::Mechanism::kDiscreteLaplace && AtMost(noise.parameter, most);
}

bool IsGaussian(const dp::NoisePolicy& noise, const dp::Fraction& least) {
  return noise.mechanism == dp::Mechanism::kDiscreteGaussian && AtMost(least, noise.parameter);
}

// TaskConfiguration::Check ends all times with the year 9999.
Duration SecondsOf(std::uint64_t units, std::uint64_t precision) {
  return absl::Seconds(static_cast<std::int64_t>(units * precision));
}

Status CheckMetric(const dap::TaskConfiguration& task) {
  if (task.cohort.schema_version != schema::kSchemaVersion) {
    return PermissionDenied(absl::StrCat("schema version ", task.cohort.schema_version,
                                         ": this helper has version ", schema::kSchemaVersion));
  }
  const schema::Metric* const metric = schema::FindMetric(task.cohort.metric);
  if (metric == nullptr) {
    return PermissionDenied(absl::StrCat("there is no metric ", task.cohort.metric));
  }
  if (task.shape.buckets != metric->buckets()) {
    return PermissionDenied(
        absl::StrCat("metric ", task.cohort.metric, " has ", metric->buckets(), " buckets"));
  }
  return OkStatus();
}

Status CheckDemo(const dap::TaskConfiguration& task, const TaskPolicy& policy) {
  if (policy.demonstrations != Demonstrations::kAllowed) {
    return PermissionDenied("this helper takes no demonstrations (allow_demo)");
  }
  if (!IsLaplace(task.noise, kEpsilonOne) || task.noise.looks > kDemoLooks) {
    return PermissionDenied(
        "a demonstration has discrete Laplace noise, epsilon 1 at most, and 4 "
        "looks at most");
  }
  return OkStatus();
}

Status CheckNoise(const dap::TaskConfiguration& task, Duration window) {
  if (task.cohort.metric == static_cast<std::uint32_t>(schema::MetricId::kGateVerdict)) {
    if (IsLaplace(task.noise, kEpsilonOne) && task.noise.looks <= kGateLooks) return OkStatus();
    return PermissionDenied(
        "a gate's verdict has discrete Laplace noise, epsilon 1 at most, and 2 "
        "looks at most");
  }
  const bool monthly = IsLaplace(task.noise, kEpsilonHalf) && window >= kMonth;
  const bool weekly = IsGaussian(task.noise, kLeastSigma) && window >= kWeek;
  if (monthly || weekly) return OkStatus();
  return PermissionDenied(
      "too little noise: discrete Laplace of epsilon 1/2 at most with windows of 30 days or more, "
      "or discrete Gaussian of sigma 20 or more with windows of 7 days or more");
}

Status CheckTimes(const dap::TaskConfiguration& task, Duration window, Time now) {
  if (window > kLongestWindow) return PermissionDenied("windows of 31 days at most");
  const Time begin = absl::UnixEpoch() + SecondsOf(task.interval.start, task.time_precision);
  if (begin > now + kFurthestBegin) {
    return PermissionDenied("a task begins within 366 days");
  }
  return now < begin ? OkStatus() : FailedPrecondition("the task's first window has begun");
}

}  // namespace

Status CheckTask(const dap::TaskConfiguration& task, const TaskPolicy& policy,
                 std::size_t live_tasks, Time now) {
  FLOTILLA_RETURN_IF_ERROR(task.Check());
  if (task.helper_endpoint != policy.endpoint) {
    return PermissionDenied(
        absl::StrCat("the task names another helper; this one is ", policy.endpoint));
  }
  FLOTILLA_RETURN_IF_ERROR(CheckMetric(task));
  const std::uint64_t least = std::max(policy.minimum_batch, dap::kLeastBatchSize);
  if (task.min_batch_size < least) {
    return PermissionDenied(
        absl::StrCat("a batch of ", task.min_batch_size, " devices; at least ", least));
  }
  const Duration window = SecondsOf(task.window, task.time_precision);
  FLOTILLA_RETURN_IF_ERROR(task.kind == dap::TaskKind::kDemo ? CheckDemo(task, policy)
                                                             : CheckNoise(task, window));
  FLOTILLA_RETURN_IF_ERROR(CheckTimes(task, window, now));
  if (live_tasks >= kMaxLiveTasks) {
    return ResourceExhausted(absl::StrCat(kMaxLiveTasks, " tasks run already"));
  }
  return OkStatus();
}

}  // namespace flotilla::telemetry
