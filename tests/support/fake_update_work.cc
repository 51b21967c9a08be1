#include "tests/support/fake_update_work.h"

#include <optional>
#include <utility>

namespace flotilla::agent {

void FakeUpdateWork::Offer(const v1::InstalledRelease& release) {
  offered_[release.ref().sha256()] = release;
}

void FakeUpdateWork::Start(const v1::Assignment& assignment, ota::LineSlots& slots,
                           UpdateWorkHandler& handler) {
  ++started_;
  assignment_ = assignment;
  slots_ = &slots;
  handler_ = &handler;
  executor_.Post([this] {
    if (handler_ != nullptr) {
      handler_->OnProgress(v1::DEPLOYMENT_STATE_DOWNLOADING, 0);
    }
    if (!held_) {
      Finish();
    }
  });
}

void FakeUpdateWork::Finish() {
  if (!failures_.empty()) {
    const Status status = failures_.front();
    failures_.pop_front();
    End(status);
    return;
  }
  End(Stage());
}

void FakeUpdateWork::Cancel() {
  executor_.Post([this] { End(Cancelled("cancelled")); });
}

StatusOr<ota::PrepareResult> FakeUpdateWork::Stage() const {
  const auto found = offered_.find(assignment_.release().sha256());
  if (found == offered_.end() || slots_ == nullptr) {
    return NotFound("no such release");
  }
  v1::JournalRecord begin;
  *begin.mutable_release() = found->second;
  ota::PrepareResult result;
  FLOTILLA_ASSIGN_OR_RETURN(result.txn, slots_->Begin(begin, "txn-" + std::to_string(started_)));
  FLOTILLA_RETURN_IF_ERROR(slots_->Advance(v1::JOURNAL_STEP_STAGED, std::nullopt));
  FLOTILLA_RETURN_IF_ERROR(slots_->Advance(v1::JOURNAL_STEP_PREFLIGHT_OK, std::nullopt));
  result.outcome = ota::PrepareOutcome::kReady;
  result.release = found->second;
  return result;
}

void FakeUpdateWork::End(const StatusOr<ota::PrepareResult>& result) {
  if (UpdateWorkHandler* handler = std::exchange(handler_, nullptr)) {
    handler->OnPrepared(result, {});
  }
}

}  // namespace flotilla::agent
