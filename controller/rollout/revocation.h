// The kill switch's rules: who may revoke a release, and what a device runs then. Pure.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_REVOCATION_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_REVOCATION_H_

#include <string>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/revocation.pb.h"
#include "flotilla/v1/rollout.pb.h"

#include "base/status.h"
#include "base/time.h"

namespace flotilla::rollout {

// Two operators said so.
bool IsRevoked(const v1::Release& release);
// "previous", "static-answer", ...: as --serve takes them.
std::string NameOf(v1::ServeInstead serve);

// What one operator asks for.
struct RevocationOrder {
  v1::ServeInstead serve = v1::SERVE_INSTEAD_UNSPECIFIED;
  std::string reason;
  std::string by;
};
// WAITING. Whom it replaces nobody has approved yet; the same order again is the one that is there.
// INVALID_ARGUMENT: no reason, one over 1 KiB, or nothing named to serve; FAILED_PRECONDITION: a
// static answer that the publisher has not signed, or the release is revoked already.
StatusOr<v1::ReleaseRevocation> AskFor(const v1::Release& release, const RevocationOrder& order,
                                       Time now);

enum class Decision { kApprove, kDeny };
// IN_FORCE or DENIED. The same person's approval of what he asked for is PERMISSION_DENIED
// (CONTROL_NOT_ALLOWED); his denial takes it back. FAILED_PRECONDITION: nobody asks, or for another
// thing to serve than `read`.
StatusOr<v1::ReleaseRevocation> Decide(const v1::Release& release, Decision decision,
                                       v1::ServeInstead read, const std::string& by, Time now);

// The line's release as the device told of it last is the revoked one, or the one before: it may be
// on its way from it, or go back to it. Until the device said that it answers with it no more.
bool MayAnswerWith(const v1::Device& device, const v1::ReleaseRef& revoked);
// The device said that it answers with it no more.
bool HasStopped(const v1::Device& device, const v1::ReleaseRef& revoked);

// Whether what a rollout says about a device on the revoked release counts: the rollout was made
// after the revocation, or brings another release to where nothing runs now.
bool Overrules(const v1::Rollout& rollout, const v1::ReleaseRevocation& revocation);

// "2.0.0 is revoked (a wrong dose; asked by alice, approved by bob): baseline is served instead".
std::string WhyRevoked(const v1::Release& release);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_REVOCATION_H_
