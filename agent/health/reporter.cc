#include "agent/health/reporter.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/str_cat.h"

#include "agent/health/health_paths.h"
#include "agent/health/health_status.h"
#include "agent/health/kept_windows.h"
#include "agent/health/release_memory.h"
#include "base/log.h"
#include "telemetry/dap/admission.h"

namespace flotilla::agent {
namespace {

constexpr Duration kDay = absl::Hours(24);
// Measured whether anybody asks or not, so that a new release finds windows of the one before.
constexpr std::array kUsualLengths = {absl::Hours(1), absl::Hours(6), kDay, absl::Hours(24 * 7),
                                      absl::Hours(24 * 30)};

ReportSubject SubjectOf(const PlannedReport& report) {
  return {report.task->configuration().cohort.metric, report.task->StartOf(report.window),
          report.task->WindowLength(), 0};
}

}  // namespace

ReporterOptions ForDemonstrations(ReporterOptions options) {
  options.tick = absl::Seconds(1);
  options.status_every = absl::Seconds(2);
  options.tasks.refresh = absl::Seconds(5);
  return options;
}

StatusOr<std::unique_ptr<Reporter>> Reporter::Create(const std::filesystem::path& state_dir,
                                                     const ReporterOptions& options,
                                                     const Parts& parts) {
  FLOTILLA_ASSIGN_OR_RETURN(
      ReportDesk desk, ReportDesk::Open(state_dir, {parts.fs, parts.random, parts.reporting_key}));
  return std::unique_ptr<Reporter>(new Reporter(state_dir, options, parts, std::move(desk)));
}

Reporter::Reporter(const std::filesystem::path& state_dir, const ReporterOptions& options,
                   const Parts& parts, ReportDesk desk)
    : state_dir_(state_dir),
      options_(options),
      parts_(parts),
      log_(parts.fs, SentLogPath(state_dir)),
      desk_(std::move(desk)),
      tasks_(options.tasks, {parts.clock, parts.random, parts.client}),
      plan_(parts.random),
      uploader_({parts.clock, parts.random, parts.client, desk_.spool(), log_}) {}

Reporter::~Reporter() {
  Stop();
}

void Reporter::Start() {
  Tick();
}

void Reporter::OnSessionUp() {
  tasks_.OnSessionUp();
  uploader_.OnSessionUp();
}

void Reporter::Stop() {
  if (stopped_) {
    return;
  }
  stopped_ = true;
  parts_.client.Cancel();
  if (timer_.has_value()) {
    parts_.executor.Cancel(*timer_);
  }
  KeepMemory();
  KeepWindows(Keeping::kNow);
}

void Reporter::Post(void (Reporter::*what)()) {
  parts_.executor.Post([this, what, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired() && !stopped_) {
      (this->*what)();
    }
  });
}

void Reporter::Tick() {
  timer_ = parts_.executor.PostAfter(options_.tick, [this] { Tick(); });
  // Read once, before windows end: what is over by it is over for the sampler too.
  const Time now = parts_.clock.Now();
  ReadSensors();
  tasks_.OnTick();
  MeasureWhatIsAsked();
  for (const HealthSampler::EndedWindow& ended : parts_.sampler.TakeEnded()) {
    const Duration length = ended.window.span.end - ended.window.span.start;
    ended_.insert_or_assign({ended.line, length}, ended.window);
  }
  CollectVotes(now);
  PlanReports(now);
  OpenLedger();
  if (!filing_ && !votes_.empty()) {
    filing_ = true;
    Post(&Reporter::FileNext);
  }
  uploader_.OnTick();
  KeepMemory();
  KeepWindows(Keeping::kWhenDue);
  WriteStatus();
}

void Reporter::ReadSensors() {
  HealthSensors& sensors = parts_.sensors;
  parts_.sampler.OnSensors({sensors.Celsius(), sensors.JoulesTotal(), sensors.ThrottledTotal()});
}

void Reporter::MeasureWhatIsAsked() {
  std::set<Duration> lengths(kUsualLengths.begin(), kUsualLengths.end());
  for (const AdmittedTask& task : tasks_.tasks()) {
    // Of releases that do not run here too: they may soon, and the one before has to be known.
    if (task.task != nullptr && task.refusal.empty() && lengths.size() < kMaxWindowLengths) {
      lengths.insert(task.task->WindowLength());
    }
  }
  parts_.sampler.Measure(lengths);
}

void Reporter::PlanReports(Time now) {
  std::vector<std::shared_ptr<const dap::Task>> answered;
  for (const AdmittedTask& task : tasks_.tasks()) {
    if (task.task != nullptr && task.refusal.empty() &&
        parts_.sampler.LineOf(task.task->configuration().cohort) != nullptr) {
      answered.push_back(task.task);
    }
  }
  plan_.Plan(answered, now);
}

void Reporter::CollectVotes(Time now) {
  for (const PlannedReport& report : plan_.TakeDue(now)) {
    if (const std::optional<std::uint32_t> bucket = VoteFor(report); bucket.has_value()) {
      votes_.push_back({report, *bucket});
    }
  }
}

std::optional<std::uint32_t> Reporter::VoteFor(const PlannedReport& report) const {
  for (const auto& [key, window] : ended_) {
    if (key.second != report.task->WindowLength() ||
        window.span.start != report.task->StartOf(report.window)) {
      continue;
    }
    const std::optional<std::uint32_t> bucket =
        VoteOf(window, report.task->configuration().cohort, options_.tasks.rules.switches);
    if (bucket.has_value()) {
      return bucket;
    }
  }
  return std::nullopt;
}

void Reporter::OpenLedger() {
  const std::optional<dp::LedgerTime> time = parts_.ledger_time();
  if (!time.has_value()) {
    return;
  }
  const Status opened = desk_.OpenLedger(*time);
  if (!opened.ok() && !ledger_refused_) {
    LogStatus(LogLevel::kError, "health.ledger_refused", opened);
  }
  ledger_refused_ = !opened.ok();
}

void Reporter::FileNext() {
  filing_ = false;
  const Time now = parts_.clock.Now();
  std::erase_if(votes_, [&](const Vote& vote) {
    const bool over = now >= dap::UploadsEndAt(*vote.report.task, vote.report.window);
    if (over) {
      log_.Add(SubjectOf(vote.report), "not made, the time or the keys could not be verified", now);
    }
    return over;
  });
  if (votes_.empty() || desk_.ledger() == nullptr || tasks_.keys() == nullptr ||
      !parts_.ledger_time().has_value()) {
    return;  // a later tick tries again
  }
  const Vote vote = votes_.front();
  votes_.erase(votes_.begin());
  File(vote);
  filing_ = true;
  Post(&Reporter::FileNext);
}

void Reporter::File(const Vote& vote) {
  const Status filed = desk_.File(vote.report, vote.bucket, *tasks_.keys(), *parts_.ledger_time());
  if (filed.ok()) {
    return;
  }
  LogStatus(LogLevel::kWarning, "health.report_not_made", filed);
  log_.Add(SubjectOf(vote.report), absl::StrCat("not made, ", MessageOf(filed)),
           parts_.clock.Now());
}

void Reporter::KeepMemory() {
  const Bytes memory = EncodeReleaseMemory(parts_.sampler.Memory());
  if (memory == kept_memory_) {
    return;
  }
  const Status kept = DurableWrite(parts_.fs, ReleaseMemoryPath(state_dir_), memory);
  if (kept.ok()) {
    kept_memory_ = memory;
  } else {
    LogStatus(LogLevel::kWarning, "health.memory_not_written", kept);
  }
}

void Reporter::KeepWindows(Keeping keeping) {
  const KeptWindows windows = parts_.sampler.Windows();
  std::vector<Time> spans;
  for (const auto& [name, line] : windows) {
    for (const KeptWindow& window : line.windows) {
      spans.push_back(window.start);
    }
  }
  const Duration now = parts_.clock.Monotonic();
  const bool due = !windows_kept_at_.has_value() ||
                   now - *windows_kept_at_ >= options_.windows_every || spans != kept_spans_;
  if (spans.empty() || (keeping == Keeping::kWhenDue && !due)) {
    return;
  }
  windows_kept_at_ = now;
  const Status kept =
      DurableWrite(parts_.fs, KeptWindowsPath(state_dir_), EncodeKeptWindows(windows));
  if (kept.ok()) {
    kept_spans_ = std::move(spans);
  } else {
    LogStatus(LogLevel::kWarning, "health.windows_not_written", kept);
  }
}

void Reporter::WriteStatus() {
  const Duration now = parts_.clock.Monotonic();
  if (status_written_at_.has_value() && now - *status_written_at_ < options_.status_every) {
    return;
  }
  std::string trouble = tasks_.trouble();
  if (trouble.empty() && desk_.ledger() == nullptr) {
    trouble = "the time was not verified since the agent started";
  }
  const std::string text =
      HealthStatusText({parts_.sampler, options_.tasks.rules.switches, tasks_.tasks(),
                        plan_.Running(), desk_.spool().entries().size(), trouble, kDay});
  status_written_at_ = now;
  if (text == written_status_) {
    return;
  }
  if (DurableWrite(parts_.fs, HealthStatusPath(state_dir_), AsBytes(text)).ok()) {
    written_status_ = text;
  }
}

}  // namespace flotilla::agent
