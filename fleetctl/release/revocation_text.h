// Revocations of releases as text.
#ifndef FLOTILLA_FLEETCTL_RELEASE_REVOCATION_TEXT_H_
#define FLOTILLA_FLEETCTL_RELEASE_REVOCATION_TEXT_H_

#include <string>

#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/revocation.pb.h"
#include "flotilla/v1/revocation_service.pb.h"

#include "base/status.h"

namespace flotilla::fleetctl {

// "baseline", "previous", "static-answer", "nothing". INVALID_ARGUMENT: none of them.
StatusOr<v1::ServeInstead> ParseServe(const std::string& text);
// "ok", "blocked", "revoked", "revocation asked".
std::string RevocationCell(const v1::Release& release);
// Who asked for what, and who decided.
std::string RevocationText(const v1::ReleaseRevocation& revocation);
// What devices do, for a person: how many are told now and how many will be.
std::string ToldText(const v1::RevocationStatus& status);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RELEASE_REVOCATION_TEXT_H_
