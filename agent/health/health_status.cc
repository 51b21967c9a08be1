#include "agent/health/health_status.h"

#include <cstdint>
#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"

#include "telemetry/dap/admission.h"
#include "telemetry/schema/registry.h"

namespace flotilla::agent {
namespace {

constexpr std::size_t kShortDigest = 12;

std::string ArmText(dap::Arm arm) {
  switch (arm) {
    case dap::Arm::kCanary:
      return "canary";
    case dap::Arm::kControl:
      return "control";
    default:
      return "fleet";
  }
}

std::string NoiseText(const dp::NoisePolicy& noise) {
  const bool laplace = noise.mechanism == dp::Mechanism::kDiscreteLaplace;
  const double value = static_cast<double>(noise.parameter.numerator) /
                       static_cast<double>(noise.parameter.denominator);
  return absl::StrCat(laplace ? "Laplace noise, epsilon " : "Gaussian noise, sigma ", value);
}

std::string ReleaseText(const Digest& release) {
  return release.IsZero() ? "none" : release.ToHex().substr(0, kShortDigest);
}

// What the running window of this length says of the cohort now.
std::optional<std::uint32_t> VoteNow(const HealthStatus& status, const dap::Cohort& cohort,
                                     Duration length) {
  const std::string* const line = status.sampler.LineOf(cohort);
  if (line == nullptr) {
    return std::nullopt;
  }
  const std::optional<LineWindow> window = status.sampler.lines().at(*line).Running(length);
  return window.has_value() ? VoteOf(*window, cohort, status.switches) : std::nullopt;
}

std::string PlanText(const HealthStatus& status, const dap::Task& task) {
  const dap::TaskConfiguration& configuration = task.configuration();
  for (const PlannedReport& report : status.planned) {
    if (report.task->id() != task.id()) {
      continue;
    }
    const std::optional<std::uint32_t> vote =
        VoteNow(status, configuration.cohort, task.WindowLength());
    const schema::Metric* const metric = schema::FindMetric(configuration.cohort.metric);
    return absl::StrCat(
        "\n    window ", UtcText(task.StartOf(report.window)), " to ",
        UtcText(task.EndOf(report.window)), ", report of ",
        task.id().bytes().size() + task.report_size(), " bytes at ", UtcText(report.send_at),
        "\n    would say now: ",
        vote.has_value() && metric != nullptr ? VoteText(*metric, *vote) : std::string("nothing"));
  }
  return "\n    no window of it has begun while this device ran its release";
}

std::string TaskText(const HealthStatus& status, const AdmittedTask& admitted) {
  if (admitted.task == nullptr) {
    return absl::StrCat("  a task: not answered, ", admitted.refusal, "\n");
  }
  const dap::TaskConfiguration& task = admitted.task->configuration();
  const schema::Metric* const metric = schema::FindMetric(task.cohort.metric);
  std::ostringstream text;
  text << "  task " << admitted.task->id().ToHex().substr(0, kShortDigest) << ": "
       << (metric == nullptr ? "unknown metric" : metric->name) << " of release "
       << ReleaseText(task.cohort.release) << ", arm " << ArmText(task.cohort.arm)
       << ", windows of " << DurationText(admitted.task->WindowLength()) << ", "
       << NoiseText(task.noise) << ", batch of " << task.min_batch_size << " devices or more"
       << (task.kind == dap::TaskKind::kDemo ? ", a demonstration" : "");
  if (!admitted.refusal.empty()) {
    text << "\n    not answered: " << admitted.refusal;
  } else if (status.sampler.LineOf(task.cohort) == nullptr) {
    text << "\n    not answered: this device does not run that release";
  } else {
    text << PlanText(status, *admitted.task);
  }
  text << "\n";
  return text.str();
}

std::string LineText(const HealthStatus& status, const std::string& name, const LineHealth& line) {
  const std::optional<LineWindow> window = line.Running(status.shown);
  std::string text = absl::StrCat("line ", name, ", release ", ReleaseText(line.release()));
  if (!window.has_value()) {
    return absl::StrCat(text, ": nothing is measured\n");
  }
  absl::StrAppend(&text, ", window from ", UtcText(window->span.start), " to ",
                  UtcText(window->span.end), ", of each metric one of its buckets:\n");
  for (const schema::Metric& metric : schema::AllMetrics()) {
    dap::Cohort cohort;
    cohort.metric = static_cast<std::uint32_t>(metric.id);
    cohort.arm = dap::Arm::kFleet;
    cohort.release = line.release();
    const std::optional<std::uint32_t> vote = VoteOf(*window, cohort, status.switches);
    const std::string value = vote.has_value() ? VoteText(metric, *vote)
                              : status.switches.IsOn(metric.id)
                                  ? std::string("nothing")
                                  : std::string("off, nothing is sent");
    absl::StrAppend(&text, "  ", std::string(metric.name), ": ", value, "\n");
  }
  return text;
}

}  // namespace

std::string VoteText(const schema::Metric& metric, std::uint32_t bucket) {
  const bool value = bucket < metric.value_buckets() && !metric.unit.empty();
  return absl::StrCat("'", schema::BucketLabel(metric, bucket), "'", value ? " " : "",
                      value ? std::string(metric.unit) : std::string());
}

std::string HealthStatusText(const HealthStatus& status) {
  std::string text;
  for (const auto& [name, line] : status.sampler.lines()) {
    text += LineText(status, name, line);
  }
  absl::StrAppend(&text, "tasks: ", status.tasks.size(), "\n");
  for (const AdmittedTask& task : status.tasks) {
    text += TaskText(status, task);
  }
  if (!status.trouble.empty()) {
    absl::StrAppend(&text, "no report is made: ", status.trouble, "\n");
  }
  absl::StrAppend(&text, "sealed reports that wait: ", status.spooled, "\n");
  return text;
}

}  // namespace flotilla::agent
