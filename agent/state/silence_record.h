// Since when the device has heard nothing from its controller, kept for a restart.
#ifndef FLOTILLA_AGENT_STATE_SILENCE_RECORD_H_
#define FLOTILLA_AGENT_STATE_SILENCE_RECORD_H_

#include <optional>

#include "agent/state/state_db.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::agent {

// Seconds are what is kept.
struct SilenceRecord {
  // The last word, by the clock that judges trust; absent: none yet.
  std::optional<Time> heard_at;
  // Since then, as far as the device was on and counted.
  Duration silent;

  friend bool operator==(const SilenceRecord&, const SilenceRecord&) = default;
};

// Empty when there is none. DATA_LOSS: it does not parse.
StatusOr<SilenceRecord> LoadSilenceRecord(StateDb& db);
Status SaveSilenceRecord(StateDb& db, const SilenceRecord& record);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_STATE_SILENCE_RECORD_H_
