#ifndef FLOTILLA_AGENT_HEALTH_REPORTER_H_
#define FLOTILLA_AGENT_HEALTH_REPORTER_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/condition/health_sensors.h"
#include "agent/health/health_sampler.h"
#include "agent/health/metrics_client.h"
#include "agent/health/report_desk.h"
#include "agent/health/report_plan.h"
#include "agent/health/report_uploader.h"
#include "agent/health/sent_log.h"
#include "agent/health/task_desk.h"
#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/executor.h"
#include "base/random.h"
#include "security/signer.h"

namespace flotilla::agent {

struct ReporterOptions {
  TaskDeskOptions tasks;
  // Everything is looked at so often, whatever happens.
  Duration tick = absl::Seconds(10);
  // How often the text for people is written, when it changed.
  Duration status_every = absl::Minutes(1);
  // How often running windows are written; also when one ends and at a stop. What a device counts
  // in between is lost when it loses power.
  Duration windows_every = absl::Minutes(15);
};

// Of a device whose owner allows demonstrations: their windows last seconds.
ReporterOptions ForDemonstrations(ReporterOptions options);

// Private health, put together: measures windows of the usual lengths and of those that tasks ask
// for, files the report of each task when its window ends, sends it at its moment. When and how
// much leaves the device depends on tasks, moments and the leader's answers, never on what was
// measured. Lives on the agent's loop and blocks it for a few disk syncs for each report;
// everything passed in outlives it. Stop it before it is destroyed.
class Reporter {
 public:
  struct Parts {
    Executor& executor;
    const Clock& clock;  // the best guess of the time
    Random& random;
    DurableFs& fs;
    HealthSampler& sampler;
    HealthSensors& sensors;
    MetricsClient& client;
    security::Signer& reporting_key;
    // nullopt: the time was not verified in this run yet, and nothing may be charged.
    std::function<std::optional<dp::LedgerTime>()> ledger_time;
  };
  // Errors as of ReportDesk::Open.
  static StatusOr<std::unique_ptr<Reporter>> Create(const std::filesystem::path& state_dir,
                                                    const ReporterOptions& options,
                                                    const Parts& parts);
  ~Reporter();
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  void Start();
  void OnSessionUp();
  // Nothing is sent any more; what is remembered is on the disk.
  void Stop();

 private:
  struct Vote {
    PlannedReport report;
    std::uint32_t bucket = 0;
  };
  using WindowKey = std::pair<std::string, Duration>;

  Reporter(const std::filesystem::path& state_dir, const ReporterOptions& options,
           const Parts& parts, ReportDesk desk);

  void Tick();
  void ReadSensors();
  void MeasureWhatIsAsked();
  void PlanReports(Time now);
  void CollectVotes(Time now);
  std::optional<std::uint32_t> VoteFor(const PlannedReport& report) const;
  void OpenLedger();
  // One report, then the loop's other work, then the next.
  void FileNext();
  void File(const Vote& vote);
  void KeepMemory();
  enum class Keeping { kUnspecified = 0, kWhenDue, kNow };
  void KeepWindows(Keeping keeping);
  void WriteStatus();
  void Post(void (Reporter::*what)());

  const std::filesystem::path state_dir_;
  const ReporterOptions options_;
  const Parts parts_;
  SentLog log_;
  ReportDesk desk_;
  TaskDesk tasks_;
  ReportPlan plan_;
  ReportUploader uploader_;
  std::map<WindowKey, LineWindow> ended_;  // the newest of each
  std::vector<Vote> votes_;                // of windows that are over, not filed yet
  bool filing_ = false;
  bool ledger_refused_ = false;  // so that it is logged once
  Bytes kept_memory_;
  std::vector<Time> kept_spans_;  // when the windows that were written began
  std::optional<Duration> windows_kept_at_;
  std::string written_status_;
  std::optional<Duration> status_written_at_;
  std::optional<TimerId> timer_;
  bool stopped_ = false;
  // Posted tasks hold it weakly.
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_REPORTER_H_
