#ifndef FLOTILLA_OTA_RECOVERY_H_
#define FLOTILLA_OTA_RECOVERY_H_

#include <optional>
#include <set>
#include <vector>

#include "flotilla/v1/update.pb.h"

#include "base/digest.h"

namespace flotilla::ota {

// What a line does after a start of the agent, whatever moment the last one ended in.
enum class RecoveryAction {
  kUnspecified = 0,
  kNothing,   // no update was under way
  kResume,    // an update was under way before its commit point: give its assignment to
              // UpdateRunner::Prepare again
  kTrial,     // the current release is on trial: count an attempt, start it, confirm or roll back
  kRollBack,  // the current release cannot run (its bytes are gone): LineSlots has gone back to the
              // previous one
  kSafeMode,  // no runnable release: serve nothing, keep the control channel, take any new
              // assignment
};

struct RecoveryPlan {
  RecoveryAction action = RecoveryAction::kUnspecified;
  // What the line runs from now on (its `current` is unset on a fresh device and in safe mode).
  v1::ActiveRecord active;
  // Journal records that the crash kept from being written; append them, they describe what has
  // happened.
  std::vector<v1::JournalRecord> missing_records;
  // `active` differs from the file and must be written.
  bool write_active = false;
  // kResume: the BEGIN record of the transaction, with its rollout, wave and attempt.
  std::optional<v1::JournalRecord> open;
};

// The last record of the transaction that has begun and not ended: BEGIN, STAGED or PREFLIGHT_OK.
// Null when there is none. Points into `journal`.
const v1::JournalRecord* FindOpenTransaction(const std::vector<v1::JournalRecord>& journal);

struct RecoveryFacts {
  // Absent: the file is missing or cannot be read; it is then rebuilt from the journal.
  std::optional<v1::ActiveRecord> active;
  // Up to the last good frame.
  std::vector<v1::JournalRecord> journal;
  // Digests of what lies complete in the store.
  std::set<Digest> stored;
};

// The marks that the journal proves, for a holds file that cannot be read: every release that
// failed and was neither confirmed nor cleared since. Errs on the side of marking. Pure.
v1::LineHolds RebuildHolds(const std::vector<v1::JournalRecord>& journal);

// Pure and idempotent: planning again after the plan was carried out, in whole or in part, leads to
// the same end.
RecoveryPlan PlanRecovery(const RecoveryFacts& facts);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_RECOVERY_H_
