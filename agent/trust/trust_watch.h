#ifndef FLOTILLA_AGENT_TRUST_TRUST_WATCH_H_
#define FLOTILLA_AGENT_TRUST_TRUST_WATCH_H_

#include "flotilla/v1/session.pb.h"

#include "agent/clock/trust_clock.h"
#include "agent/state/trust_record.h"
#include "base/status.h"
#include "base/time.h"
#include "security/tuf/client.h"

namespace flotilla::agent {

// How a refresh of the metadata ended.
struct TrustNews {
  Status status;
  tuf::TrustDates dates;  // of what is trusted after it
};

// Knows how fresh this device's trust is, and when it counts as stale (TRUST_STALE): no refresh
// succeeded for `stale_after`, by the clock that judges trust or by the monotonic one. Somebody may
// be holding the metadata back then. Pure; the agent's loop.
class TrustWatch {
 public:
  TrustWatch(const TrustRecord& saved, Duration stale_after, Duration monotonic);

  void OnRefresh(const TrustNews& news, const JudgedTime& clock, Duration monotonic);
  // Looks at the clocks; true when something changed that a person should see.
  bool OnTick(const JudgedTime& clock, Duration monotonic);

  const TrustRecord& record() const { return record_; }
  // Clock and freshness, times rounded to the hour.
  void Describe(v1::Condition& condition) const;

 private:
  TrustRecord record_;
  Duration stale_after_;
  Duration fresh_monotonic_;  // the last success, or the start
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_TRUST_TRUST_WATCH_H_
