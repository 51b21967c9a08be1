// Metrics whose buckets are an enumeration. The number of an enumerator is its bucket.
#ifndef FLOTILLA_TELEMETRY_SCHEMA_VERDICTS_H_
#define FLOTILLA_TELEMETRY_SCHEMA_VERDICTS_H_

#include <cstdint>

namespace flotilla::schema {

// A device on the new release against itself on the one before.
enum class GateVerdict : std::uint32_t {
  kBetter = 0,
  kSame = 1,
  kWorse = 2,
  kFailed = 3,
  kNoData = 4,
};

// Why an engine ended that should not have. From kOomKill on each is worse than the one before, but
// for kOther, of which nothing is known and which any other outranks.
enum class CrashClass : std::uint32_t {
  kNone = 0,
  kOomKill = 1,
  kSegv = 2,
  kAbort = 3,
  kWatchdog = 4,
  kGpuReset = 5,
  kLoadFail = 6,
  kDisk = 7,
  kThermal = 8,
  kOther = 9,
};

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_VERDICTS_H_
