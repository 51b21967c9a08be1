#ifndef FLOTILLA_AGENT_HEALTH_HEALTH_SAMPLER_H_
#define FLOTILLA_AGENT_HEALTH_HEALTH_SAMPLER_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/engine/engine_health_sink.h"
#include "agent/health/kept_windows.h"
#include "agent/health/line_health.h"
#include "agent/health/release_memory.h"
#include "base/clock.h"

namespace flotilla::agent {

// What HealthSensors said at one moment.
struct SensorReading {
  std::optional<double> celsius{};
  std::optional<double> joules_total{};
  std::optional<Duration> throttled_total{};
};

// Everything that is measured on this device, in windows of a few lengths for each line of models.
// Of constant memory: at most kMaxHealthLines lines. Nothing of it leaves but by a vote. Lives on
// the agent's loop.
//
// The machine's temperature is every line's. Energy and throttling are the machine's too: what was
// spent between two readings is split among the lines that were busy in between, by how long each
// was; what an idle machine spends is nobody's. Without a sensor nothing is counted.
class HealthSampler final : public EngineHealthSink {
 public:
  struct EndedWindow {
    std::string line;
    LineWindow window;
  };

  // Asks `clock` for the time of each event. `windows`: what ran before a restart.
  HealthSampler(const Clock& clock, const ReleaseMemory& memory, const KeptWindows& windows = {});

  void OnRequest(std::string_view line, const schema::RequestFinished& request) override;
  void OnOutcome(std::string_view line, schema::Outcome outcome) override;
  void OnMemory(std::string_view line, const schema::MemorySample& sample) override;
  void OnCrash(std::string_view line, schema::CrashClass crash) override;
  void OnBusy(std::string_view line, Duration busy) override;
  void OnRelease(std::string_view line, const Digest& release, schema::ReleaseFate fate) override;
  // To be called every few seconds.
  void OnSensors(const SensorReading& reading);

  // Windows of these lengths, at most kMaxWindowLengths, on every line.
  void Measure(const std::set<Duration>& lengths);
  // Windows that ended since the last call.
  std::vector<EndedWindow> TakeEnded();

  // The line whose windows answer for `cohort`: it runs that release or, for `gate_verdict`, gave
  // it up. nullptr: none.
  const std::string* LineOf(const dap::Cohort& cohort) const;
  const std::map<std::string, LineHealth, std::less<>>& lines() const { return lines_; }
  // What to keep for a restart.
  ReleaseMemory Memory() const;
  KeptWindows Windows() const;

 private:
  LineHealth* Of(std::string_view line);
  void Count(std::string_view line, const std::function<Status(schema::Window&)>& event);
  void SplitAmongBusy(const SensorReading& reading);

  const Clock& clock_;
  std::set<Duration> lengths_;
  std::map<std::string, LineHealth, std::less<>> lines_;
  std::map<std::string, Duration, std::less<>> busy_;  // since the last reading
  SensorReading last_reading_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_HEALTH_SAMPLER_H_
