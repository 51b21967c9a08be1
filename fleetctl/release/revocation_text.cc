#include "fleetctl/release/revocation_text.h"

#include "absl/strings/str_cat.h"

#include "controller/rollout/revocation.h"
#include "fleetctl/output/output.h"

namespace flotilla::fleetctl {

StatusOr<v1::ServeInstead> ParseServe(const std::string& text) {
  for (const v1::ServeInstead serve :
       {v1::SERVE_INSTEAD_BASELINE, v1::SERVE_INSTEAD_PREVIOUS, v1::SERVE_INSTEAD_STATIC_ANSWER,
        v1::SERVE_INSTEAD_NOTHING}) {
    if (rollout::NameOf(serve) == text) {
      return serve;
    }
  }
  return InvalidArgument(absl::StrCat("--serve: \"", text,
                                      "\" is none of baseline, previous, static-answer, nothing"));
}

std::string RevocationCell(const v1::Release& release) {
  if (rollout::IsRevoked(release)) {
    return "revoked";
  }
  if (release.blocked()) {
    return "blocked";
  }
  return release.revocation().state() == v1::REVOCATION_STATE_WAITING ? "revocation asked" : "ok";
}

std::string RevocationText(const v1::ReleaseRevocation& revocation) {
  std::string text = absl::StrCat(revocation.asked_by(), " asked at ",
                                  TimeCell(revocation.asked_at()), " that devices serve ",
                                  rollout::NameOf(revocation.serve()), ": ", revocation.reason());
  switch (revocation.state()) {
    case v1::REVOCATION_STATE_IN_FORCE:
      return absl::StrCat(text, "; approved by ", revocation.decided_by(), " at ",
                          TimeCell(revocation.decided_at()));
    case v1::REVOCATION_STATE_DENIED:
      return absl::StrCat(text, "; denied by ", revocation.decided_by());
    default:
      return absl::StrCat(text, "; waiting for a second person");
  }
}

std::string ToldText(const v1::RevocationStatus& status) {
  const v1::ReleaseRevocation& revocation = status.release().revocation();
  const v1::ReleaseRef& ref = status.release().ref();
  return absl::StrCat(ref.line(), " ", ref.version(), " is revoked: ", revocation.devices_online(),
                      " devices are told now, ", revocation.devices_offline(),
                      " will be when they connect; they serve ",
                      rollout::NameOf(revocation.serve()));
}

}  // namespace flotilla::fleetctl
