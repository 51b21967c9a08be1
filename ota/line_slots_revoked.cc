// LineSlots and releases that the operators revoked.
#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"
#include "ota/line_slots.h"

namespace flotilla::ota {

StatusOr<bool> LineSlots::Revoke(const v1::ReleaseRef& release, v1::ServeInstead serve) {
  const std::lock_guard lock(mutex_);
  v1::LineHolds holds;
  holds.set_floor(holds_.floor());
  v1::MarkedBad* mark = holds.add_bad();
  *mark->mutable_release() = release;
  mark->set_reason(v1::FAILURE_REASON_POLICY_REVOKED);
  mark->set_serve(serve);
  mark->mutable_marked_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
  for (const v1::MarkedBad& bad : holds_.bad()) {
    if (bad.release().sha256() == release.sha256()) {
      if (bad.reason() == v1::FAILURE_REASON_POLICY_REVOKED && bad.serve() == serve) {
        return false;
      }
    } else if (holds.bad_size() < kMaxMarks) {
      *holds.add_bad() = bad;
    }
  }
  FLOTILLA_RETURN_IF_ERROR(WriteHolds(holds));
  return true;
}

const v1::MarkedBad* LineSlots::FindMark(const std::string& release_sha256) const {
  for (const v1::MarkedBad& bad : holds_.bad()) {
    if (bad.release().sha256() == release_sha256) {
      return &bad;
    }
  }
  return nullptr;
}

std::optional<v1::MarkedBad> LineSlots::CurrentRevoked() const {
  const std::lock_guard lock(mutex_);
  if (!active_.has_value() || !active_->has_current()) {
    return std::nullopt;
  }
  const v1::MarkedBad* mark = FindMark(active_->current().ref().sha256());
  return mark != nullptr && mark->reason() == v1::FAILURE_REASON_POLICY_REVOKED
             ? std::make_optional(*mark)
             : std::nullopt;
}

bool LineSlots::CanGoBack() const {
  const std::lock_guard lock(mutex_);
  return active_.has_value() && active_->has_previous() && IsStored(active_->previous()) &&
         FindMark(active_->previous().ref().sha256()) == nullptr &&
         active_->previous().ref().release_counter() >= holds_.floor();
}

}  // namespace flotilla::ota
