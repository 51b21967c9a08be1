// The least that the time can be, from authenticated sources alone. Pure.
#ifndef FLOTILLA_SECURITY_TIME_FLOOR_H_
#define FLOTILLA_SECURITY_TIME_FLOOR_H_

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::security {

// Who said what time it is. Each is as good as the online key behind it.
enum class TimeSource {
  kUnspecified = 0,
  kTimestamp,    // x-flotilla-issued of a verified timestamp
  kSnapshot,     // x-flotilla-issued of a verified snapshot
  kAttestation,  // the controller's answer to a nonce, by a key of the timestamp role
};

// What one source has contributed, and the keys of its role then.
struct TimeContribution {
  Time at;
  std::vector<std::string> key_ids;  // sorted

  friend bool operator==(const TimeContribution&, const TimeContribution&) = default;
};

// A lower bound of the time that survives restarts: the build time of this program and what
// verified metadata and attestations said. The system's clock never raises it, so a clock that says
// the year 2106 does no harm. Within a run it also advances with the monotonic clock.
//
// A stolen online key could push it forward, so that everything honest counts as expired: within a
// run (from Start on) a source raises it by no more than the life of its role and 30 days over what
// the run began with, and once the root no longer lists the very keys that a contribution came
// from, the contribution is forgotten.
//
// Times given as `monotonic` come from one clock that never goes back. One thread.
class TimeFloor {
 public:
  // A run begins at `monotonic`. `saved` is Encode() of the run before; DATA_LOSS with
  // STORAGE_STATE_CORRUPT when it is not (start with an empty one then).
  static StatusOr<TimeFloor> Start(Time built, ByteView saved, Duration monotonic);

  Time At(Duration monotonic) const;
  // `at` was verified just now. True: the floor rose, save Encode(). `life` is that of the source's
  // role.
  bool Raise(TimeSource source, Time at, Duration life, const std::vector<std::string>& key_ids,
             Duration monotonic);
  // The root lists these keys for the role of `source` now. True: a contribution of other keys was
  // forgotten, save Encode().
  bool KeepOnly(TimeSource source, const std::vector<std::string>& key_ids, Duration monotonic);

  // A line a contribution: name, seconds since 1970, key ids with commas.
  Bytes Encode() const;
  const std::map<TimeSource, TimeContribution>& contributions() const { return parts_; }

 private:
  TimeFloor(Time built, std::map<TimeSource, TimeContribution> parts, Duration monotonic);
  Time Newest() const;

  Time built_;
  std::map<TimeSource, TimeContribution> parts_;
  Time run_start_;  // the floor when the run began
  Duration run_start_monotonic_;
  Time base_;  // the floor at base_monotonic_
  Duration base_monotonic_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_TIME_FLOOR_H_
