#include "ota/line_slots.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ota/active_file.h"
#include "ota/journal.h"
#include "ota/storage_reason.h"

namespace flotilla::ota {
namespace {

constexpr int kShownMarks = 16;

// Where the file ends up unreadable, recovery rebuilds it from the journal.
template <typename T>
StatusOr<std::optional<T>> OrNothing(StatusOr<T> read) {
  if (read.ok()) {
    return std::optional<T>(std::move(read).value());
  }
  if (read.status().code() == StatusCode::kNotFound ||
      ReasonNumber(read.status()) == v1::FAILURE_REASON_STORAGE_STATE_CORRUPT) {
    return std::optional<T>();
  }
  return read.status();
}

bool IsRelease(const v1::InstalledRelease& release, const std::string& sha256) {
  return release.ref().sha256() == sha256;
}

v1::JournalRecord RecordOf(v1::JournalStep step, const std::string& txn,
                           const v1::InstalledRelease& release) {
  v1::JournalRecord record;
  record.set_step(step);
  record.set_txn(txn);
  *record.mutable_release() = release;
  return record;
}

Status NothingToGoBackTo(const ModelLine& line) {
  return WithReason(FailedPrecondition("no earlier release of " + line.value() + " in the store"),
                    v1::FAILURE_REASON_INSTALL_ROLLBACK_FAILED);
}

}  // namespace

LineSlots::LineSlots(std::filesystem::path folder, ModelLine line, Store& store, DurableFs& fs,
                     Clock& clock)
    : folder_(std::move(folder)), line_(std::move(line)), store_(store), fs_(fs), clock_(clock) {}

LineSlots::~LineSlots() = default;

StatusOr<std::unique_ptr<LineSlots>> LineSlots::Open(const std::filesystem::path& state_dir,
                                                     const ModelLine& line, Store& store,
                                                     DurableFs& fs, Clock& clock) {
  std::unique_ptr<LineSlots> slots(
      new LineSlots(state_dir / "lines" / line.value(), line, store, fs, clock));
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(DurableMakeDirs(fs, slots->folder_)));
  FLOTILLA_RETURN_IF_ERROR(slots->Load());
  return slots;
}

Status LineSlots::Load() {
  FLOTILLA_ASSIGN_OR_RETURN(journal_, Journal::Open(folder_ / "journal", fs_));
  FLOTILLA_ASSIGN_OR_RETURN(active_, OrNothing(ReadActiveFile(folder_ / "active")));
  const StatusOr<v1::LineHolds> holds = ReadHoldsFile(folder_ / "holds");
  FLOTILLA_RETURN_IF_ERROR(OrNothing(holds).status());
  if (holds.ok()) {
    holds_ = *holds;
  } else if (holds.status().code() != StatusCode::kNotFound) {
    FLOTILLA_RETURN_IF_ERROR(WriteHolds(RebuildHolds(journal_->records())));
  }
  return OkStatus();
}

StatusOr<RecoveryPlan> LineSlots::Recover() {
  const std::lock_guard lock(mutex_);
  FLOTILLA_RETURN_IF_ERROR(Load());
  RecoveryFacts facts;
  facts.active = active_;
  facts.journal = journal_->records();
  const std::vector<Digest> stored = store_.List();
  facts.stored.insert(stored.begin(), stored.end());
  RecoveryPlan plan = PlanRecovery(facts);
  if (plan.write_active) {
    FLOTILLA_RETURN_IF_ERROR(WriteActive(plan.active));
  }
  for (const v1::JournalRecord& record : plan.missing_records) {
    FLOTILLA_RETURN_IF_ERROR(Append(record));
  }
  return plan;
}

v1::ActiveRecord LineSlots::active() const {
  const std::lock_guard lock(mutex_);
  return active_.value_or(v1::ActiveRecord());
}

std::vector<v1::MarkedBad> LineSlots::marked_bad() const {
  const std::lock_guard lock(mutex_);
  const int shown = std::min(holds_.bad_size(), kShownMarks);
  return {holds_.bad().begin(), holds_.bad().begin() + shown};
}

std::optional<v1::MarkedBad> LineSlots::FindBad(const Digest& release_sha256) const {
  const std::lock_guard lock(mutex_);
  for (const v1::MarkedBad& bad : holds_.bad()) {
    if (DigestOf(bad.release().sha256()) == release_sha256) {
      return bad;
    }
  }
  return std::nullopt;
}

std::uint64_t LineSlots::floor() const {
  const std::lock_guard lock(mutex_);
  return holds_.floor();
}

std::optional<v1::JournalRecord> LineSlots::OpenTransaction() const {
  const v1::JournalRecord* open = FindOpenTransaction(journal_->records());
  return open == nullptr ? std::nullopt : std::make_optional(*open);
}

std::optional<v1::JournalRecord> LineSlots::open_transaction() const {
  const std::lock_guard lock(mutex_);
  return OpenTransaction();
}

std::uint32_t LineSlots::FailedTransactions(const std::string& release_sha256) const {
  std::uint32_t count = 0;
  for (const v1::JournalRecord& record : journal_->records()) {
    if (!IsRelease(record.release(), release_sha256)) {
      continue;
    }
    if (record.step() == v1::JOURNAL_STEP_CLEARED || record.step() == v1::JOURNAL_STEP_CONFIRMED) {
      count = 0;
    } else if (record.reason() != v1::FAILURE_REASON_UNSPECIFIED) {
      ++count;
    }
  }
  return count;
}

std::uint32_t LineSlots::failed_transactions(const Digest& release_sha256) const {
  const std::lock_guard lock(mutex_);
  return FailedTransactions(ToText(release_sha256.bytes()));
}

StatusOr<std::string> LineSlots::Begin(v1::JournalRecord begin, const std::string& new_txn) {
  const std::lock_guard lock(mutex_);
  if (active_.has_value() && active_->trial()) {
    return FailedPrecondition("a release of " + line_.value() + " is on trial");
  }
  if (const auto open = OpenTransaction(); open.has_value()) {
    if (IsRelease(open->release(), begin.release().ref().sha256())) {
      if (!resumed_ && open->step() == v1::JOURNAL_STEP_BEGIN) {
        FLOTILLA_RETURN_IF_ERROR(Append(*open));
      }
      resumed_ = true;
      return open->txn();
    }
    FLOTILLA_RETURN_IF_ERROR(
        Append(RecordOf(v1::JOURNAL_STEP_ABANDONED, open->txn(), open->release())));
  }
  begin.set_step(v1::JOURNAL_STEP_BEGIN);
  begin.set_txn(new_txn);
  FLOTILLA_RETURN_IF_ERROR(Append(begin));
  resumed_ = true;
  return new_txn;
}

Status LineSlots::Advance(v1::JournalStep step, const std::optional<v1::GoldenScore>& score) {
  const std::lock_guard lock(mutex_);
  std::optional<v1::JournalRecord> record = OpenTransaction();
  if (!record.has_value()) {
    return FailedPrecondition("no update of " + line_.value() + " is under way");
  }
  record->set_step(step);
  if (score.has_value()) {
    *record->mutable_golden() = *score;
  }
  return Append(*record);
}

std::uint32_t LineSlots::CountInOpenTransaction(
    const std::function<bool(v1::JournalStep)>& counts) const {
  const std::lock_guard lock(mutex_);
  const v1::JournalRecord* open = FindOpenTransaction(journal_->records());
  if (open == nullptr) {
    return 0;
  }
  return static_cast<std::uint32_t>(std::count_if(
      journal_->records().begin(), journal_->records().end(),
      [&](const auto& record) { return record.txn() == open->txn() && counts(record.step()); }));
}

std::uint32_t LineSlots::self_test_starts() const {
  return CountInOpenTransaction(
      [](v1::JournalStep step) { return step == v1::JOURNAL_STEP_STAGED; });
}

std::uint32_t LineSlots::state_changes() const {
  return CountInOpenTransaction([](v1::JournalStep /*step*/) { return true; });
}

Status LineSlots::Abandon(v1::FailureReason reason, MarkMode mark) {
  const std::lock_guard lock(mutex_);
  const std::optional<v1::JournalRecord> open = OpenTransaction();
  if (!open.has_value()) {
    return OkStatus();
  }
  const bool loops = reason != v1::FAILURE_REASON_UNSPECIFIED &&
                     FailedTransactions(open->release().ref().sha256()) >= kMaxFailedTransactions;
  if (mark == MarkMode::kMarkBad) {
    FLOTILLA_RETURN_IF_ERROR(Mark(open->release(), reason));
  } else if (loops) {
    FLOTILLA_RETURN_IF_ERROR(Mark(open->release(), v1::FAILURE_REASON_INSTALL_LOOP_BROKEN));
  }
  v1::JournalRecord record = *open;
  record.set_step(v1::JOURNAL_STEP_ABANDONED);
  record.set_reason(reason);
  return Append(record);
}

Status LineSlots::Cancel() {
  return Abandon(v1::FAILURE_REASON_UNSPECIFIED, MarkMode::kNoMark);
}

Status LineSlots::RaiseFloor(std::uint64_t release_counter) {
  const std::lock_guard lock(mutex_);
  if (release_counter <= holds_.floor()) {
    return OkStatus();
  }
  v1::LineHolds holds = holds_;
  holds.set_floor(release_counter);
  return WriteHolds(holds);
}

Status LineSlots::Activate(const std::string& txn) {
  const std::lock_guard lock(mutex_);
  const std::optional<v1::JournalRecord> open = OpenTransaction();
  if (!open.has_value() || open->txn() != txn || open->step() != v1::JOURNAL_STEP_PREFLIGHT_OK) {
    return FailedPrecondition("no tested update " + txn + " of " + line_.value());
  }
  if (!IsStored(open->release())) {
    return WithReason(FailedPrecondition("the tested release is not in the store"),
                      v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
  }
  v1::ActiveRecord next;
  *next.mutable_current() = open->release();
  if (active_.has_value() && active_->has_current()) {
    *next.mutable_previous() = active_->current();
  }
  next.set_trial(true);
  next.set_txn(txn);
  FLOTILLA_RETURN_IF_ERROR(WriteActive(next));
  v1::JournalRecord record = *open;
  record.set_step(v1::JOURNAL_STEP_ACTIVATED);
  return Append(record);
}

StatusOr<std::uint32_t> LineSlots::CountAttempt() {
  const std::lock_guard lock(mutex_);
  if (!active_.has_value() || !active_->trial()) {
    return 0U;
  }
  if (active_->attempts() >= kMaxTrialAttempts) {
    return WithReason(FailedPrecondition("the release on trial used up its starts"),
                      v1::FAILURE_REASON_INSTALL_ATTEMPTS);
  }
  v1::ActiveRecord next = *active_;
  next.set_attempts(next.attempts() + 1);
  FLOTILLA_RETURN_IF_ERROR(WriteActive(next));
  return next.attempts();
}

Status LineSlots::Confirm() {
  const std::lock_guard lock(mutex_);
  if (!active_.has_value() || !active_->has_current()) {
    return FailedPrecondition(line_.value() + " runs no release");
  }
  if (!active_->trial()) {
    return OkStatus();
  }
  v1::ActiveRecord next = *active_;
  next.set_trial(false);
  FLOTILLA_RETURN_IF_ERROR(WriteActive(next));
  return Append(RecordOf(v1::JOURNAL_STEP_CONFIRMED, next.txn(), next.current()));
}

Status LineSlots::RollBack(v1::FailureReason reason, MarkMode mark) {
  const std::lock_guard lock(mutex_);
  if (!active_.has_value() || !active_->has_current()) {
    return NothingToGoBackTo(line_);
  }
  if (mark == MarkMode::kMarkBad) {
    FLOTILLA_RETURN_IF_ERROR(Mark(active_->current(), reason));
  }
  const bool can_go_back = active_->has_previous() && IsStored(active_->previous());
  if (!can_go_back && mark != MarkMode::kMarkBad) {
    return NothingToGoBackTo(line_);
  }
  v1::ActiveRecord next;
  if (can_go_back) {
    *next.mutable_current() = active_->previous();
  }
  *next.mutable_failed() = active_->current();
  next.set_failed_reason(reason);
  next.set_txn(active_->txn());
  FLOTILLA_RETURN_IF_ERROR(WriteActive(next));
  v1::JournalRecord record = RecordOf(v1::JOURNAL_STEP_ROLLED_BACK, next.txn(), next.failed());
  record.set_reason(reason);
  FLOTILLA_RETURN_IF_ERROR(Append(record));
  return can_go_back ? OkStatus() : NothingToGoBackTo(line_);
}

Status LineSlots::ClearBad(const Digest& release_sha256) {
  const std::lock_guard lock(mutex_);
  v1::LineHolds holds;
  holds.set_floor(holds_.floor());
  v1::JournalRecord cleared;
  cleared.set_step(v1::JOURNAL_STEP_CLEARED);
  for (const v1::MarkedBad& bad : holds_.bad()) {
    if (DigestOf(bad.release().sha256()) == release_sha256) {
      *cleared.mutable_release()->mutable_ref() = bad.release();
    } else {
      *holds.add_bad() = bad;
    }
  }
  if (!cleared.has_release()) {
    return NotFound("not marked bad: " + release_sha256.ToHex());
  }
  // Failures are forgotten before the mark is lifted: a crash between leaves the mark, and the
  // operator asks again.
  FLOTILLA_RETURN_IF_ERROR(Append(cleared));
  return WriteHolds(holds);
}

Status LineSlots::WriteActive(const v1::ActiveRecord& active) {
  FLOTILLA_RETURN_IF_ERROR(WriteActiveFile(fs_, folder_ / "active", active));
  active_ = active;
  return OkStatus();
}

Status LineSlots::WriteHolds(const v1::LineHolds& holds) {
  FLOTILLA_RETURN_IF_ERROR(WriteHoldsFile(fs_, folder_ / "holds", holds));
  holds_ = holds;
  return OkStatus();
}

Status LineSlots::Mark(const v1::InstalledRelease& release, v1::FailureReason reason) {
  v1::LineHolds holds;
  holds.set_floor(holds_.floor());
  v1::MarkedBad* mark = holds.add_bad();
  *mark->mutable_release() = release.ref();
  mark->set_reason(reason);
  mark->mutable_marked_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
  for (const v1::MarkedBad& bad : holds_.bad()) {
    if (bad.release().sha256() == release.ref().sha256()) {
      return OkStatus();  // the first reason is the one that counts
    }
    if (holds.bad_size() < kMaxMarks) {
      *holds.add_bad() = bad;
    }
  }
  return WriteHolds(holds);
}

Status LineSlots::Append(const v1::JournalRecord& record) {
  return journal_->Append(record);
}

bool LineSlots::IsStored(const v1::InstalledRelease& release) const {
  const std::vector<Digest> blobs = EngineBlobs(release);
  return std::all_of(blobs.begin(), blobs.end(),
                     [this](const Digest& blob) { return store_.Contains(blob); });
}

}  // namespace flotilla::ota
