// One window of a device's life, reduced to one bucket per metric.
#ifndef FLOTILLA_TELEMETRY_SCHEMA_WINDOW_H_
#define FLOTILLA_TELEMETRY_SCHEMA_WINDOW_H_

#include <array>
#include <cstdint>
#include <optional>

#include "base/status.h"
#include "base/time.h"
#include "telemetry/schema/metric.h"
#include "telemetry/schema/metric_switches.h"
#include "telemetry/schema/percentile_sketch.h"
#include "telemetry/schema/release_health.h"
#include "telemetry/schema/verdicts.h"
#include "telemetry/schema/window_events.h"
#include "telemetry/schema/window_state.h"

namespace flotilla::schema {

// Marks of answers that a share needs to say anything: with fewer than ten a decile is one answer.
inline constexpr std::uint64_t kMinOutcomes = 10;

// What a device says of one metric.
struct Vote {
  MetricId metric = MetricId::kUnspecified;
  // Below the metric's buckets(). nullopt: the owner switched the metric off, and there is no
  // report.
  std::optional<std::uint32_t> bucket;
};
// Every metric by ascending id, whatever happened and whatever is switched off.
using Votes = std::array<Vote, kMetricCount>;

// Takes events of any number in constant memory and keeps none of them. A value of constant size
// without anything on the heap; a new window is a new object. Not thread-safe.
// Errors: INVALID_ARGUMENT when numbers are no measurement (negative, infinite, NaN, longer than
// 366 days, parts larger than the whole); then nothing of the event is counted.
class Window {
 public:
  Status OnRequest(const RequestFinished& request);
  Status OnMemory(const MemorySample& sample);
  // Of the hottest sensor. A device without one never calls this.
  Status OnTemperature(double celsius);
  Status OnBusyTime(const BusyTime& time);
  // Not CrashClass::kNone. kOomKill is memory's worst value too.
  Status OnCrash(CrashClass crash);
  // What was spent since the sample before, at most 1e9 J. A device without a sensor never calls
  // this.
  Status OnEnergy(double joules);
  Status OnOutcome(Outcome outcome);
  // The newest counts; no-data without one.
  void OnGateVerdict(GateVerdict verdict) { gate_verdict_ = verdict; }

  // Idle or not, an array of the same form. A metric that is on and has no value votes for its
  // bucket "no-data" or "no-sensor"; crashes have none, since no crash is 0.
  Votes Reduce(const MetricSwitches& switches) const;

  // What was counted, as a restart needs it (window_state.h); not a verdict that was put in.
  WindowState State() const;
  // INVALID_ARGUMENT: counts that no window has.
  static StatusOr<Window> FromState(const WindowState& state);

  // For the verdict on the next release.
  ReleaseHealth Health() const;

 private:
  std::uint32_t Bucket(const Metric& metric) const;
  std::uint32_t MemoryBucket(const Metric& metric) const;
  std::uint32_t OutcomeBucket(const Metric& metric) const;

  PercentileSketch ttft_;
  PercentileSketch whole_;
  PercentileSketch decode_tps_;
  std::uint64_t requests_ = 0;
  std::uint64_t tokens_ = 0;
  std::optional<double> memory_percent_;
  std::optional<double> celsius_;
  Duration busy_;
  Duration throttled_;
  CrashClass worst_crash_ = CrashClass::kNone;
  std::uint64_t crashes_ = 0;
  std::uint64_t oom_kills_ = 0;
  std::optional<double> joules_;
  std::uint64_t outcomes_ = 0;
  std::uint64_t solved_ = 0;
  GateVerdict gate_verdict_ = GateVerdict::kNoData;
};

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_WINDOW_H_
