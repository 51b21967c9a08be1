#include "controller/health/task_draft.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

#include "telemetry/dp/tier.h"
#include "telemetry/schema/registry.h"
#include "telemetry/schema/report_moment.h"
#include "telemetry/vdaf/histogram_shape.h"

namespace flotilla::controller {
namespace {

constexpr std::uint64_t kGateFrom = dap::kLeastBatchSize;
constexpr std::size_t kTaskInfoBytes = 16;
constexpr Duration kRealNotice = absl::Minutes(10);
constexpr Duration kDemoNotice = absl::Seconds(2);

struct Plan {
  dp::NoisePolicy noise;
  Duration window;
  std::uint64_t precision = 0;
};

std::string Devices(std::uint64_t count) {
  return absl::StrCat(count, count == 1 ? " device" : " devices");
}

Status TooSmall(const TaskAsk& ask, std::uint64_t from) {
  const std::string who = ask.kind == dap::TaskKind::kDemo
                              ? std::string("the fleet")
                              : absl::StrCat(ask.line, " ", ask.version);
  return FailedPrecondition(absl::StrCat(
      "the cohort is too small: ", who, " has ", Devices(ask.cohort_devices), ", and ",
      std::string(ask.metric->name), " is collected from ", from,
      " on. In a smaller cohort the noise that protects a device would drown the answer, and "
      "without it the answer would tell of single devices"));
}

// The smallest cohort that this metric is collected from, beside gates.
std::uint64_t HistogramsFrom() {
  std::uint64_t from = kGateFrom;
  while (!dp::PlanFor(from).histograms.has_value()) {
    from *= 10;
  }
  return from;
}

StatusOr<Plan> PlanOfDemo(const TaskAsk& ask) {
  const std::int64_t seconds = absl::ToInt64Seconds(ask.demo_window);
  const auto step = static_cast<std::int64_t>(dap::kDemoPrecision);
  if (ask.demo_window != absl::Seconds(seconds) || seconds < step || seconds > 60 ||
      seconds % step != 0) {
    return InvalidArgument("a demonstration's window is 5 s to 60 s, in steps of 5 s");
  }
  if (ask.cohort_devices < dap::kLeastBatchSize) {
    return TooSmall(ask, dap::kLeastBatchSize);
  }
  const std::uint32_t looks = ask.looks == 0 ? 1 : ask.looks;
  return Plan{
      {dp::Mechanism::kDiscreteLaplace, {1, 1}, looks}, ask.demo_window, dap::kDemoPrecision};
}

StatusOr<Plan> PlanOfTier(const TaskAsk& ask) {
  const dp::CollectionPlan plan = dp::PlanFor(ask.cohort_devices);
  if (ask.metric->id == schema::MetricId::kGateVerdict) {
    if (!plan.gate.has_value()) {
      return TooSmall(ask, kGateFrom);
    }
    dp::NoisePolicy noise = *plan.gate;
    noise.looks = ask.looks == 0 ? noise.looks : std::min(noise.looks, ask.looks);
    return Plan{noise, kGateWindow, dap::kHour};
  }
  if (!plan.histograms.has_value()) {
    return TooSmall(ask, HistogramsFrom());
  }
  if (plan.histograms->choice == dp::HistogramChoice::kOperatorsFour &&
      ask.live_histograms >= dp::kMaxChosenHistograms) {
    return FailedPrecondition(absl::StrCat("a cohort of ", Devices(ask.cohort_devices),
                                           " answers for ", dp::kMaxChosenHistograms,
                                           " histograms at a time, and so many are collected"));
  }
  return Plan{plan.histograms->policy, plan.histograms->period, dap::kDay};
}

// The first window that begins `notice` from now or later, or the one that is asked for.
StatusOr<Time> FirstStart(const TaskAsk& ask, Time now, Duration notice, Duration window) {
  if (ask.begin.has_value() && *ask.begin >= now + notice / 2) {
    return *ask.begin;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const schema::WindowSpan span, schema::WindowAt(now + notice, window));
  return span.start == now + notice ? span.start : span.end;
}

}  // namespace

StatusOr<dap::TaskConfiguration> DraftTask(const TaskAsk& ask, const TaskEndpoints& endpoints,
                                           Time now, Random& random) {
  const bool demo = ask.kind == dap::TaskKind::kDemo;
  FLOTILLA_ASSIGN_OR_RETURN(const Plan plan, demo ? PlanOfDemo(ask) : PlanOfTier(ask));
  FLOTILLA_ASSIGN_OR_RETURN(const Time start,
                            FirstStart(ask, now, demo ? kDemoNotice : kRealNotice, plan.window));
  dap::TaskConfiguration task;
  task.task_info.resize(kTaskInfoBytes);
  random.Fill(task.task_info);
  task.leader_endpoint = endpoints.leader;
  task.helper_endpoint = endpoints.helper;
  task.time_precision = plan.precision;
  task.min_batch_size = dap::kLeastBatchSize;
  FLOTILLA_ASSIGN_OR_RETURN(task.shape, vdaf::SmallestReportShape(ask.metric->buckets()));
  task.window = static_cast<std::uint64_t>(absl::ToInt64Seconds(plan.window)) / plan.precision;
  task.interval.start = static_cast<std::uint64_t>(absl::ToUnixSeconds(start)) / plan.precision;
  task.interval.duration = task.window * plan.noise.looks;
  task.noise = plan.noise;
  task.cohort = {.schema_version = schema::kSchemaVersion,
                 .metric = static_cast<std::uint32_t>(ask.metric->id),
                 .arm = ask.arm,
                 .release = ask.release,
                 .hardware_class = 0};
  task.kind = ask.kind;
  FLOTILLA_RETURN_IF_ERROR(task.Check());
  return task;
}

}  // namespace flotilla::controller
