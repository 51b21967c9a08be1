// TaskConfiguration of draft-ietf-ppm-dap-18 section 4.2: what device, leader, helper and collector
// must agree on to the byte. It stands in the associated data of every input and aggregate share,
// so a share that was sealed under another configuration does not open.
//
// Of the draft's choices this project takes one each: batches by time interval (who is in a batch
// follows from the report's time, so the leader cannot choose), Prio3Histogram, and four
// extensions, all present: task_interval and the three of ours below. Anything else is refused.
#ifndef FLOTILLA_TELEMETRY_DAP_TASK_CONFIGURATION_H_
#define FLOTILLA_TELEMETRY_DAP_TASK_CONFIGURATION_H_

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dp/noise.h"
#include "telemetry/vdaf/histogram_shape.h"

namespace flotilla::dap {

inline constexpr std::uint64_t kLeastBatchSize = 100;
inline constexpr std::uint32_t kMostBuckets = 32;
inline constexpr std::uint64_t kHour = 3600;
inline constexpr std::uint64_t kDay = 86400;
inline constexpr std::uint64_t kDemoPrecision = 5;

// Section 4.1.1, in units of the task's time precision; half open.
struct Interval {
  std::uint64_t start = 0;
  std::uint64_t duration = 0;

  friend bool operator==(const Interval&, const Interval&) = default;
};

// Which devices: those on the new release, those that keep the old one, or all of a release.
enum class Arm : std::uint8_t { kUnspecified = 0, kCanary = 1, kControl = 2, kFleet = 3 };

// What is measured, and of whom.
struct Cohort {
  std::uint32_t schema_version = 0;
  std::uint32_t metric = 0;  // of the schema; never 0
  Arm arm = Arm::kUnspecified;
  Digest release;                    // of the release document
  std::uint32_t hardware_class = 0;  // 0: all

  friend bool operator==(const Cohort&, const Cohort&) = default;
};

enum class TaskKind : std::uint8_t { kUnspecified = 0, kReal = 1, kDemo = 2 };

struct TaskConfiguration {
  Bytes task_info;              // 1 to 255 bytes: tells two tasks apart that are else equal
  std::string leader_endpoint;  // 1 to 1,024 printable ASCII bytes; never re-encoded
  std::string helper_endpoint;
  std::uint64_t time_precision = 0;  // seconds: kHour or kDay; kDemoPrecision in a demo
  std::uint64_t min_batch_size = 0;  // at least kLeastBatchSize
  vdaf::HistogramShape shape;        // 2 to kMostBuckets, the chunk of the smallest report
  Interval interval;                 // noise.looks windows, one after another
  dp::NoisePolicy noise;
  Cohort cohort;
  std::uint64_t window = 0;  // length of a window in units of the time precision, at least 1
  TaskKind kind = TaskKind::kUnspecified;

  // INVALID_ARGUMENT: cut off, bytes left over, a field that this project does not use, or what
  // Check refuses. What was decoded encodes to the same bytes.
  static StatusOr<TaskConfiguration> Decode(ByteView bytes);
  // Of a configuration that passes Check.
  Bytes Encode() const;
  // INVALID_ARGUMENT: a field is outside of what is said above, or dp::CheckPolicy refuses the
  // noise.
  Status Check() const;
};

// TaggedDigest(kTaskIdTag, encoded configuration): the id binds the configuration, by the rule of
// draft-ietf-ppm-dap-taskprov.
TaskId TaskIdOf(ByteView encoded_configuration);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_TASK_CONFIGURATION_H_
