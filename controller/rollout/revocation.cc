#include "controller/rollout/revocation.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "controller/rollout/reach.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr std::size_t kMaxReasonBytes = 1024;

std::string TextOf(const v1::ReleaseRef& ref) {
  return absl::StrCat(ref.line(), " ", ref.version());
}

Status CheckOrder(const v1::Release& release, const RevocationOrder& order) {
  if (order.reason.empty() || order.reason.size() > kMaxReasonBytes) {
    return InvalidArgument("reason: 1 to 1,024 bytes that say why the release has to go");
  }
  if (order.serve <= v1::SERVE_INSTEAD_UNSPECIFIED || order.serve > v1::SERVE_INSTEAD_NOTHING) {
    return InvalidArgument("serve: baseline, previous, static-answer or nothing");
  }
  if (order.serve == v1::SERVE_INSTEAD_STATIC_ANSWER && release.fallback_answer().empty()) {
    return FailedPrecondition(absl::StrCat("the publisher signed no fallback answer for ",
                                           TextOf(release.ref()),
                                           ": serve baseline, previous or nothing"));
  }
  return OkStatus();
}

bool SameOrder(const v1::ReleaseRevocation& known, const RevocationOrder& order) {
  return known.serve() == order.serve && known.reason() == order.reason &&
         known.asked_by() == order.by;
}

}  // namespace

bool IsRevoked(const v1::Release& release) {
  return release.revocation().state() == v1::REVOCATION_STATE_IN_FORCE;
}

std::string NameOf(v1::ServeInstead serve) {
  switch (serve) {
    case v1::SERVE_INSTEAD_BASELINE:
      return "baseline";
    case v1::SERVE_INSTEAD_PREVIOUS:
      return "previous";
    case v1::SERVE_INSTEAD_STATIC_ANSWER:
      return "static-answer";
    case v1::SERVE_INSTEAD_NOTHING:
      return "nothing";
    default:
      return "unspecified";
  }
}

StatusOr<v1::ReleaseRevocation> AskFor(const v1::Release& release, const RevocationOrder& order,
                                       Time now) {
  FLOTILLA_RETURN_IF_ERROR(CheckOrder(release, order));
  const v1::ReleaseRevocation& known = release.revocation();
  if (IsRevoked(release)) {
    return FailedPrecondition(absl::StrCat(TextOf(release.ref()), " is revoked already, serving ",
                                           NameOf(known.serve()),
                                           ": a rollout brings its devices another release"));
  }
  if (known.state() == v1::REVOCATION_STATE_WAITING && SameOrder(known, order)) {
    return known;
  }
  v1::ReleaseRevocation asked;
  asked.set_state(v1::REVOCATION_STATE_WAITING);
  asked.set_serve(order.serve);
  asked.set_reason(order.reason);
  asked.set_asked_by(order.by);
  *asked.mutable_asked_at() = ToWire(now);
  return asked;
}

StatusOr<v1::ReleaseRevocation> Decide(const v1::Release& release, Decision decision,
                                       v1::ServeInstead read, const std::string& by, Time now) {
  v1::ReleaseRevocation decided = release.revocation();
  if (decided.state() != v1::REVOCATION_STATE_WAITING) {
    return FailedPrecondition(absl::StrCat("nobody asks for a revocation of ",
                                           TextOf(release.ref()),
                                           IsRevoked(release) ? ": it is revoked already" : ""));
  }
  if (read != decided.serve()) {
    return FailedPrecondition(absl::StrCat(decided.asked_by(), " asks now that devices serve ",
                                           NameOf(decided.serve()), ": look at it again"));
  }
  if (decision == Decision::kApprove && by == decided.asked_by()) {
    return WithReason(PermissionDenied(absl::StrCat("the revocation of ", TextOf(release.ref()),
                                                    " was asked for by ", by,
                                                    ": another operator has to ", "approve it")),
                      v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  }
  decided.set_state(decision == Decision::kApprove ? v1::REVOCATION_STATE_IN_FORCE
                                                   : v1::REVOCATION_STATE_DENIED);
  decided.set_decided_by(by);
  *decided.mutable_decided_at() = ToWire(now);
  return decided;
}

bool HasStopped(const v1::Device& device, const v1::ReleaseRef& revoked) {
  const v1::LineStatus* status = LineOf(device, revoked.line());
  return status != nullptr &&
         std::find(status->stopped_sha256().begin(), status->stopped_sha256().end(),
                   revoked.sha256()) != status->stopped_sha256().end();
}

bool MayAnswerWith(const v1::Device& device, const v1::ReleaseRef& revoked) {
  const v1::LineStatus* status = LineOf(device, revoked.line());
  return status != nullptr && !HasStopped(device, revoked) &&
         (status->current().sha256() == revoked.sha256() ||
          status->previous().sha256() == revoked.sha256());
}

bool Overrules(const v1::Rollout& rollout, const v1::ReleaseRevocation& revocation) {
  if (FromWire(rollout.created_at()) > FromWire(revocation.decided_at())) {
    return true;
  }
  const bool nothing_runs = revocation.serve() == v1::SERVE_INSTEAD_STATIC_ANSWER ||
                            revocation.serve() == v1::SERVE_INSTEAD_NOTHING;
  const bool active =
      rollout.state() == v1::ROLLOUT_STATE_RUNNING || rollout.state() == v1::ROLLOUT_STATE_PAUSED;
  return nothing_runs && active;
}

std::string WhyRevoked(const v1::Release& release) {
  const v1::ReleaseRevocation& revocation = release.revocation();
  return absl::StrCat(release.ref().version(), " is revoked (", revocation.reason(), "; asked by ",
                      revocation.asked_by(), ", approved by ", revocation.decided_by(),
                      "): ", NameOf(revocation.serve()), " is served instead");
}

}  // namespace flotilla::rollout
