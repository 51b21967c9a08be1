#ifndef FLOTILLA_TELEMETRY_SCHEMA_WINDOW_STATE_H_
#define FLOTILLA_TELEMETRY_SCHEMA_WINDOW_STATE_H_

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "telemetry/schema/percentile_sketch.h"
#include "telemetry/schema/verdicts.h"

namespace flotilla::schema {

// What a Window has counted, as values: to keep one over a restart. Memory and temperature are
// rounded to edges of their buckets, energy to whole joules, times to whole seconds, so that what
// lies on a disk is no finer than what is voted. Nobody but the device reads it.
struct WindowState {
  PercentileSketch::Counts ttft{};
  PercentileSketch::Counts whole{};
  PercentileSketch::Counts decode_tps{};
  std::uint64_t requests = 0;
  std::uint64_t tokens = 0;
  std::optional<double> memory_percent;
  std::optional<double> celsius;
  std::optional<double> joules;
  Duration busy;
  Duration throttled;
  CrashClass worst_crash = CrashClass::kNone;
  std::uint64_t crashes = 0;
  std::uint64_t oom_kills = 0;
  std::uint64_t outcomes = 0;
  std::uint64_t solved = 0;
};

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_WINDOW_STATE_H_
