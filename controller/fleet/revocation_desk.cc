#include "controller/fleet/revocation_desk.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "controller/fleet/audit_entry.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/revocation.h"

namespace flotilla::controller {
namespace {

std::string SubjectOf(const v1::Release& release) {
  return absl::StrCat("release/", release.ref().line(), "/", release.ref().version());
}

}  // namespace

StatusOr<const v1::Release*> RevocationDesk::Known(const std::string& line,
                                                   const std::string& version) const {
  const v1::Release* release = state_.FindRelease(line, version);
  if (release == nullptr) {
    return NotFound(absl::StrCat("line ", line, " has no release ", version));
  }
  return release;
}

v1::RevocationStatus RevocationDesk::StatusOf(const v1::Release& release) const {
  v1::RevocationStatus status;
  *status.mutable_release() = release;
  std::uint32_t online = 0;
  std::uint32_t offline = 0;
  std::uint32_t stopped = 0;
  state_.ForEachDevice([&](const v1::Device& device) {
    if (!rollout::IsServed(device)) {
      return;
    }
    const bool has_stopped = rollout::HasStopped(device, release.ref());
    const bool left = rollout::MayAnswerWith(device, release.ref()) ||
                      (!has_stopped && book_.IsUnderWay(release.ref(), device.id()));
    const bool here = sessions_.Contains(device.id());
    online += left && here ? 1U : 0U;
    offline += left && !here ? 1U : 0U;
    stopped += has_stopped ? 1U : 0U;
  });
  status.set_online_left(online);
  status.set_offline_left(offline);
  status.set_stopped(stopped);
  return status;
}

StatusOr<v1::RevocationStatus> RevocationDesk::Find(const std::string& line,
                                                    const std::string& version) const {
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Release* release, Known(line, version));
  if (!release->has_revocation()) {
    return NotFound(absl::StrCat("nobody asks for a revocation of ", line, " ", version));
  }
  return StatusOf(*release);
}

void RevocationDesk::Record(const v1::Release& release, rollout::RolloutChange moved,
                            v1::AuditEntry entry, const Done& done) {
  FleetChange change;
  change.releases.push_back(release);
  change.audit.push_back(std::move(entry));
  ledger_.Record(
      std::move(change), std::move(moved),
      [this, release, done](const Status& status) {
        done(status.ok() ? StatusOr<v1::RevocationStatus>(StatusOf(release)) : status);
      },
      Haste::kAtOnce);
}

void RevocationDesk::Ask(const v1::AskRevocationRequest& request, const std::string& actor,
                         const Done& done) {
  const auto known = Known(request.line(), request.version());
  if (!known.ok()) {
    done(known.status());
    return;
  }
  const bool needs_baseline = request.serve() == v1::SERVE_INSTEAD_BASELINE;
  if (needs_baseline && book_.BaselineWithout((*known)->ref()) == nullptr) {
    done(FailedPrecondition(absl::StrCat("line ", request.line(),
                                         " has no other release that was its baseline: serve ",
                                         "previous, static-answer or nothing")));
    return;
  }
  const auto asked =
      rollout::AskFor(**known, {request.serve(), request.reason(), ActorName(actor)}, clock_.Now());
  if (!asked.ok()) {
    done(asked.status());
    return;
  }
  v1::Release release = **known;
  *release.mutable_revocation() = *asked;
  FleetChange taken;
  taken.releases.push_back(release);
  state_.Take(taken);
  Record(release, {},
         MakeAuditEntry(
             actor, "release.revoke.ask", SubjectOf(release),
             absl::StrCat("serve ", rollout::NameOf(asked->serve()), ": ", asked->reason())),
         done);
}

void RevocationDesk::Decide(const v1::DecideRevocationRequest& request, const std::string& actor,
                            const Done& done) {
  const auto known = Known(request.line(), request.version());
  if (!known.ok()) {
    done(known.status());
    return;
  }
  const bool approves = request.decision() == v1::REVOCATION_DECISION_APPROVE;
  if (!approves && request.decision() != v1::REVOCATION_DECISION_DENY) {
    done(InvalidArgument("decision: approve or deny"));
    return;
  }
  const auto decided =
      rollout::Decide(**known, approves ? rollout::Decision::kApprove : rollout::Decision::kDeny,
                      request.serve(), ActorName(actor), clock_.Now());
  if (!decided.ok()) {
    done(decided.status());
    return;
  }
  v1::Release release = **known;
  *release.mutable_revocation() = *decided;
  if (approves) {
    const v1::RevocationStatus before = StatusOf(release);
    release.mutable_revocation()->set_devices_online(before.online_left());
    release.mutable_revocation()->set_devices_offline(before.offline_left());
  }
  FleetChange taken;
  taken.releases.push_back(release);
  state_.Take(taken);
  rollout::RolloutChange moved =
      approves ? book_.OnRevoked(release, clock_.Now()) : rollout::RolloutChange();
  Record(release, std::move(moved),
         MakeAuditEntry(actor, approves ? "release.revoke.approve" : "release.revoke.deny",
                        SubjectOf(release),
                        absl::StrCat("serve ", rollout::NameOf(decided->serve()), ", asked by ",
                                     decided->asked_by(), ": ", decided->reason(),
                                     request.comment().empty() ? "" : "; ", request.comment())),
         done);
}

}  // namespace flotilla::controller
