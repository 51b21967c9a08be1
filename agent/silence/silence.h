// How long this device has heard nothing from its controller, and which releases it may serve then.
// Pure.
#ifndef FLOTILLA_AGENT_SILENCE_SILENCE_H_
#define FLOTILLA_AGENT_SILENCE_SILENCE_H_

#include "flotilla/v1/update.pb.h"

#include "agent/state/silence_record.h"
#include "base/time.h"

namespace flotilla::agent {

// Counts by two clocks, the longer time counts: the one that judges trust, which knows of the time
// that the device was off and never lies before the newest signed time (a clock that is set back
// wins nothing), and the monotonic one, which needs no right time at all. One thread.
class Silence {
 public:
  // A device that never heard anything counts from now on.
  Silence(const SilenceRecord& saved, Time now, Duration monotonic);

  // A word from the controller.
  void Heard(Time now, Duration monotonic);
  // Time went by without one.
  void Pass(Time now, Duration monotonic);

  Duration length() const { return record_.silent; }
  const SilenceRecord& record() const { return record_; }

 private:
  SilenceRecord record_;
  Duration counted_;  // monotonic time until which record_.silent counts
};

// The release names a max_age, and the silence has reached it.
bool IsTooOld(const v1::InstalledRelease& release, Duration silence);
// Until that, at least a second; infinite: never.
Duration TimeLeft(const v1::InstalledRelease& release, Duration silence);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SILENCE_SILENCE_H_
