#include "ota/recovery.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/active_file.h"

namespace flotilla::ota {
namespace {

bool IsOpen(v1::JournalStep step) {
  return step == v1::JOURNAL_STEP_BEGIN || step == v1::JOURNAL_STEP_STAGED ||
         step == v1::JOURNAL_STEP_PREFLIGHT_OK;
}

// What the active file said, as far as the journal tells.
v1::ActiveRecord Rebuild(const std::vector<v1::JournalRecord>& journal) {
  v1::ActiveRecord active;
  for (const v1::JournalRecord& record : journal) {
    if (record.step() == v1::JOURNAL_STEP_ACTIVATED) {
      v1::ActiveRecord next;
      if (active.has_current()) {
        *next.mutable_previous() = active.current();
      }
      *next.mutable_current() = record.release();
      next.set_trial(true);
      next.set_txn(record.txn());
      active = std::move(next);
    } else if (record.step() == v1::JOURNAL_STEP_CONFIRMED) {
      active.set_trial(false);
    } else if (record.step() == v1::JOURNAL_STEP_ROLLED_BACK) {
      v1::ActiveRecord next;
      *next.mutable_failed() = record.release();
      next.set_failed_reason(record.reason());
      next.set_txn(record.txn());
      if (active.has_previous()) {
        *next.mutable_current() = active.previous();
      }
      active = std::move(next);
    }
  }
  return active;
}

const v1::JournalRecord* LastOf(const std::vector<v1::JournalRecord>& journal,
                                const std::string& txn) {
  const auto it = std::find_if(journal.rbegin(), journal.rend(), [&](const auto& record) {
    return record.txn() == txn && record.step() != v1::JOURNAL_STEP_CLEARED;
  });
  return it == journal.rend() ? nullptr : &*it;
}

v1::JournalRecord Follow(const v1::JournalRecord& last, v1::JournalStep step) {
  v1::JournalRecord record = last;
  record.set_step(step);
  record.clear_reason();
  return record;
}

// The records of the active record's own transaction that a crash cut off: the file is written
// first.
std::vector<v1::JournalRecord> MissingRecords(const v1::ActiveRecord& active,
                                              const std::vector<v1::JournalRecord>& journal) {
  std::vector<v1::JournalRecord> missing;
  const v1::JournalRecord* last = active.txn().empty() ? nullptr : LastOf(journal, active.txn());
  if (last == nullptr) {
    return missing;
  }
  v1::JournalStep step = last->step();
  if (IsOpen(step)) {
    missing.push_back(Follow(*last, v1::JOURNAL_STEP_ACTIVATED));
    step = v1::JOURNAL_STEP_ACTIVATED;
  }
  if (active.has_failed() && step != v1::JOURNAL_STEP_ROLLED_BACK) {
    v1::JournalRecord record = Follow(*last, v1::JOURNAL_STEP_ROLLED_BACK);
    record.set_reason(active.failed_reason());
    missing.push_back(std::move(record));
  } else if (step == v1::JOURNAL_STEP_ACTIVATED && !active.trial()) {
    missing.push_back(Follow(*last, v1::JOURNAL_STEP_CONFIRMED));
  }
  return missing;
}

bool IsRunnable(const v1::InstalledRelease& release, const std::set<Digest>& stored) {
  for (const Digest& blob : EngineBlobs(release)) {
    if (!stored.contains(blob)) {
      return false;
    }
  }
  return release.golden_sha256().empty() || stored.contains(DigestOf(release.golden_sha256()));
}

// The current release's bytes are gone: back to the previous one, or to none.
void GiveUpCurrent(const std::set<Digest>& stored, RecoveryPlan& plan) {
  v1::ActiveRecord next;
  *next.mutable_failed() = plan.active.current();
  next.set_failed_reason(v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
  next.set_txn(plan.active.txn());
  plan.action = RecoveryAction::kSafeMode;
  if (plan.active.has_previous() && IsRunnable(plan.active.previous(), stored)) {
    *next.mutable_current() = plan.active.previous();
    plan.action = RecoveryAction::kRollBack;
  }
  v1::JournalRecord record;
  record.set_step(v1::JOURNAL_STEP_ROLLED_BACK);
  record.set_txn(plan.active.txn());
  *record.mutable_release() = plan.active.current();
  record.set_reason(next.failed_reason());
  plan.missing_records.push_back(std::move(record));
  plan.active = std::move(next);
  plan.write_active = true;
}

}  // namespace

const v1::JournalRecord* FindOpenTransaction(const std::vector<v1::JournalRecord>& journal) {
  const auto it = std::find_if(journal.rbegin(), journal.rend(), [](const auto& record) {
    return record.step() != v1::JOURNAL_STEP_CLEARED;
  });
  return it == journal.rend() || !IsOpen(it->step()) ? nullptr : &*it;
}

v1::LineHolds RebuildHolds(const std::vector<v1::JournalRecord>& journal) {
  std::map<std::string, v1::MarkedBad> marks;
  for (const v1::JournalRecord& record : journal) {
    const std::string& sha256 = record.release().ref().sha256();
    if (record.step() == v1::JOURNAL_STEP_CLEARED || record.step() == v1::JOURNAL_STEP_CONFIRMED) {
      marks.erase(sha256);
    } else if (record.reason() != v1::FAILURE_REASON_UNSPECIFIED) {
      v1::MarkedBad& mark = marks[sha256];
      *mark.mutable_release() = record.release().ref();
      mark.set_reason(record.reason());
    }
  }
  v1::LineHolds holds;
  for (const auto& [sha256, mark] : marks) {
    *holds.add_bad() = mark;
  }
  return holds;
}

RecoveryPlan PlanRecovery(const RecoveryFacts& facts) {
  RecoveryPlan plan;
  if (facts.active.has_value()) {
    plan.active = *facts.active;
    plan.missing_records = MissingRecords(plan.active, facts.journal);
  } else {
    plan.active = Rebuild(facts.journal);
    plan.write_active = plan.active.has_current() || plan.active.has_failed();
  }
  const v1::JournalRecord* open = FindOpenTransaction(facts.journal);
  if (open != nullptr && open->txn() != plan.active.txn()) {
    plan.open = *open;
  }
  if (plan.active.has_current() && !IsRunnable(plan.active.current(), facts.stored)) {
    GiveUpCurrent(facts.stored, plan);
  } else if (!plan.active.has_current() && plan.active.has_failed()) {
    plan.action = RecoveryAction::kSafeMode;
  } else if (plan.active.trial()) {
    plan.action = RecoveryAction::kTrial;
  } else {
    plan.action = plan.open.has_value() ? RecoveryAction::kResume : RecoveryAction::kNothing;
  }
  return plan;
}

}  // namespace flotilla::ota
