// One model line of a device: what it runs, what it ran before, what it must not run again. Files,
// each replaced or appended durably: state_dir/lines/<line>/active (the commit point), journal
// (what happened), holds (marks and floor).
#ifndef FLOTILLA_OTA_LINE_SLOTS_H_
#define FLOTILLA_OTA_LINE_SLOTS_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "base/strong_id.h"
#include "ota/recovery.h"
#include "ota/store.h"

namespace flotilla::ota {

class Journal;

// Engine starts that a release on trial may use up before it counts as bad.
inline constexpr std::uint32_t kMaxTrialAttempts = 3;
// Failed transactions for one release document, and self-test starts in one transaction, before
// LOOP_BROKEN.
inline constexpr std::uint32_t kMaxFailedTransactions = 3;
// State changes of one transaction before LOOP_BROKEN: each journal record, and each time that a
// new process takes up a download that the one before left.
inline constexpr std::uint32_t kMaxStateChanges = 28;

// Releases that a line remembers as not to be run; the oldest are forgotten.
inline constexpr int kMaxMarks = 64;

enum class MarkMode {
  kUnspecified = 0,
  kMarkBad,  // the release is never tried again on this device until ClearBad
  kNoMark,   // the operator wants the older release; this one may come back
};

// Thread-safe; every call that changes something blocks for a few disk syncs. After an error of a
// changing call the disk holds the state before or after it; call Recover or open anew before going
// on.
class LineSlots {
 public:
  // Creates the folder, reads the files, cuts a torn journal tail. STORAGE_* reasons. `store`, `fs`
  // and `clock` must outlive it.
  static StatusOr<std::unique_ptr<LineSlots>> Open(const std::filesystem::path& state_dir,
                                                   const ModelLine& line, Store& store,
                                                   DurableFs& fs, Clock& clock);
  ~LineSlots();
  LineSlots(const LineSlots&) = delete;
  LineSlots& operator=(const LineSlots&) = delete;

  // First call after Open: brings the files in order after a crash and says how the line goes on.
  // Idempotent.
  StatusOr<RecoveryPlan> Recover();

  const ModelLine& line() const { return line_; }
  v1::ActiveRecord active() const;
  // Newest first, at most 16.
  std::vector<v1::MarkedBad> marked_bad() const;
  std::optional<v1::MarkedBad> FindBad(const Digest& release_sha256) const;
  // The highest floor (release counter) this device has verified for the line.
  std::uint64_t floor() const;
  // The last record of the transaction that has begun and not ended (BEGIN, STAGED or
  // PREFLIGHT_OK).
  std::optional<v1::JournalRecord> open_transaction() const;
  // Transactions for this release document that ended badly since it was last confirmed or cleared.
  std::uint32_t failed_transactions(const Digest& release_sha256) const;

  // --- before the commit point; UpdateRunner calls these ---
  // Starts a transaction, or goes on with the open one when it is for the same release; an open one
  // for another release is abandoned first. `begin` carries everything but step and txn. Returns
  // the transaction's id. The first call of a process that goes on with a download is a record too.
  StatusOr<std::string> Begin(v1::JournalRecord begin, const std::string& new_txn);
  // Appends STAGED or PREFLIGHT_OK of the open transaction.
  Status Advance(v1::JournalStep step, const std::optional<v1::GoldenScore>& score);
  // STAGED records of the open transaction: one for each start of the self-test.
  std::uint32_t self_test_starts() const;
  // State changes of the open transaction; 0 when none is open.
  std::uint32_t state_changes() const;
  // Ends the open transaction. A reason other than UNSPECIFIED counts as failed; kMarkBad marks the
  // release first.
  Status Abandon(v1::FailureReason reason, MarkMode mark);
  Status RaiseFloor(std::uint64_t release_counter);

  // --- the commit point and the trial; the agent calls these ---
  // The commit point: the release of the open transaction becomes current, on trial; what was
  // current becomes previous. FAILED_PRECONDITION unless the transaction is `txn` and its self-test
  // has passed. After a power cut the old release runs or the new one is on trial, nothing between.
  Status Activate(const std::string& txn);
  // Before each start of an engine on trial: counts it durably and returns its number, from 1.
  // FAILED_PRECONDITION with INSTALL_ATTEMPTS when all kMaxTrialAttempts were used: roll back. Not
  // on trial: OK, 0, nothing is written.
  StatusOr<std::uint32_t> CountAttempt();
  // Ends the trial well. Idempotent. The previous release stays in the store.
  Status Confirm();
  // Goes back to the previous release, on trial or long after; what was current becomes `failed`.
  // The journal says ROLLED_BACK{reason}. FAILED_PRECONDITION with INSTALL_ROLLBACK_FAILED when
  // there is no previous release in the store: a release that is marked is given up all the same,
  // the line then runs nothing (safe mode) and takes a new release; one that is not marked stays.
  Status RollBack(v1::FailureReason reason, MarkMode mark);
  // The operators revoked the release: it is marked with what is served in its place, whatever it
  // was marked for before. Idempotent: the same again writes nothing. True: something was written.
  StatusOr<bool> Revoke(const v1::ReleaseRef& release, v1::ServeInstead serve);
  // The mark of the current release, when it was revoked.
  std::optional<v1::MarkedBad> CurrentRevoked() const;
  // Whether RollBack would find the previous release: stored, not marked, not below the floor.
  bool CanGoBack() const;
  // Lifts the mark and forgets failed transactions. NOT_FOUND when the release is not marked.
  Status ClearBad(const Digest& release_sha256);
  // Stops an update before its commit point (the rollout was cancelled); downloaded bytes stay. OK
  // when none is open.
  Status Cancel();

 private:
  LineSlots(std::filesystem::path folder, ModelLine line, Store& store, DurableFs& fs,
            Clock& clock);

  Status Load();
  Status WriteActive(const v1::ActiveRecord& active);
  Status WriteHolds(const v1::LineHolds& holds);
  Status Mark(const v1::InstalledRelease& release, v1::FailureReason reason);
  Status Append(const v1::JournalRecord& record);
  std::uint32_t FailedTransactions(const std::string& release_sha256) const;
  std::optional<v1::JournalRecord> OpenTransaction() const;
  std::uint32_t CountInOpenTransaction(const std::function<bool(v1::JournalStep)>& counts) const;
  bool IsStored(const v1::InstalledRelease& release) const;
  // Null when the release is not marked.
  const v1::MarkedBad* FindMark(const std::string& release_sha256) const;

  const std::filesystem::path folder_;
  const ModelLine line_;
  Store& store_;
  DurableFs& fs_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::unique_ptr<Journal> journal_;
  std::optional<v1::ActiveRecord> active_;  // absent: none yet, or unreadable
  v1::LineHolds holds_;
  bool resumed_ = false;  // this process has begun or taken up a transaction
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_LINE_SLOTS_H_
