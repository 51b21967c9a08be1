#include "controller/health/health_words.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

#include "controller/fleet/proto_time.h"
#include "controller/health/noise_interval.h"
#include "telemetry/dp/cost.h"
#include "telemetry/schema/registry.h"

namespace flotilla::controller {
namespace {

double ValueOf(const dp::Fraction& fraction) {
  return static_cast<double>(fraction.numerator) / static_cast<double>(fraction.denominator);
}

// What a device pays for all windows of a task.
dp::PrivacyCost WholeCost(const dp::NoisePolicy& policy) {
  const dp::PrivacyCost one = dp::CostOf(policy).value_or(dp::PrivacyCost());
  dp::PrivacyCost all;
  for (std::uint32_t look = 0; look < policy.looks; ++look) {
    all = all + one;
  }
  return all;
}

}  // namespace

std::string NoiseText(const dp::NoisePolicy& policy) {
  const bool laplace = policy.mechanism == dp::Mechanism::kDiscreteLaplace;
  const std::string kind =
      absl::StrCat(laplace ? "discrete Laplace, epsilon " : "discrete Gaussian, sigma ",
                   ValueOf(policy.parameter));
  return policy.looks == 1 ? kind : absl::StrCat(kind, " for each of ", policy.looks, " windows");
}

v1::HealthTask ShownTask(const TaskAsk& ask, const dap::Task& task, const HelperOperator& helper,
                         Time created_at) {
  const dap::TaskConfiguration& configuration = task.configuration();
  const dap::Interval& all = configuration.interval;
  const dp::PrivacyCost cost = WholeCost(configuration.noise);
  v1::HealthTask shown;
  shown.set_id(task.id().ToHex());
  shown.set_metric(std::string(ask.metric->name));
  shown.set_line(ask.line);
  shown.set_release(ask.version);
  shown.set_release_sha256(std::string(AsText(ask.release.bytes())));
  shown.set_arm(static_cast<v1::HealthArm>(ask.arm));
  *shown.mutable_window() = ToProto(task.WindowLength());
  *shown.mutable_begins_at() = ToProto(task.StartOf(all.start));
  *shown.mutable_ends_at() = ToProto(task.StartOf(all.start + all.duration));
  shown.set_noise(NoiseText(configuration.noise));
  shown.set_epsilon(static_cast<double>(dp::TotalNanoEpsilon(cost)) /
                    static_cast<double>(dp::kNanoEpsilon));
  shown.set_delta(cost.pico_rho == 0 ? 0 : dp::kDelta);
  shown.set_minimum_batch(configuration.min_batch_size);
  shown.set_demo(configuration.kind == dap::TaskKind::kDemo);
  shown.set_independent(helper.independence == HelperOperator::Independence::kIndependent);
  shown.set_helper_operator(helper.name);
  *shown.mutable_created_at() = ToProto(created_at);
  shown.set_guards(ask.guards);
  return shown;
}

v1::HealthWindow ShownWindow(const dap::Task& task, dap::WindowStart window,
                             v1::HealthWindowState state, const std::string& reason) {
  v1::HealthWindow shown;
  *shown.mutable_begins_at() = ToProto(task.StartOf(window));
  *shown.mutable_ends_at() = ToProto(task.EndOf(window));
  shown.set_state(state);
  shown.set_reason(reason);
  return shown;
}

StatusOr<v1::HealthWindow> CollectedWindow(const dap::Task& task, dap::WindowStart window,
                                           std::uint64_t reports,
                                           std::span<const std::int64_t> counts) {
  const schema::Metric* metric = schema::FindMetric(task.configuration().cohort.metric);
  if (metric == nullptr || counts.size() != metric->buckets()) {
    return InvalidArgument("not the buckets of this metric");
  }
  v1::HealthWindow shown = ShownWindow(task, window, v1::HEALTH_WINDOW_STATE_COLLECTED, "");
  shown.set_reports(reports);
  shown.set_interval_95(Interval95(task.configuration().noise));
  for (std::size_t bucket = 0; bucket < counts.size(); ++bucket) {
    v1::HealthBucket& out = *shown.add_buckets();
    out.set_label(schema::BucketLabel(*metric, static_cast<std::uint32_t>(bucket)));
    out.set_count(counts[bucket]);
  }
  return shown;
}

}  // namespace flotilla::controller
