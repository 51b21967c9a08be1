#include "ota/steps/verify_release.h"

#include <algorithm>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/steps/read_target.h"

namespace flotilla::ota {
namespace {

Status Mismatch(const std::string& what) {
  return WithReason(PermissionDenied("the assignment names another release than the publisher: " +
                                     what + " differs"),
                    v1::FAILURE_REASON_TRUST_ASSIGNMENT_MISMATCH);
}

Status CompareDocument(const v1::ReleaseRef& assigned, const ReleaseDocument& document) {
  if (document.line.value() != assigned.line()) {
    return Mismatch("line");
  }
  if (document.version != assigned.version()) {
    return Mismatch("version");
  }
  if (document.release_counter != assigned.release_counter()) {
    return Mismatch("release counter");
  }
  return OkStatus();
}

}  // namespace

ReleaseVerifier::ReleaseVerifier(tuf::TufClient& tuf, BlobFetcher& fetcher, Store& store)
    : tuf_(tuf), fetcher_(fetcher), store_(store) {}

StatusOr<Verified<SignedRelease>> ReleaseVerifier::Verify(const v1::ReleaseRef& assigned, Time now,
                                                          const std::stop_token& stop) {
  FLOTILLA_ASSIGN_OR_RETURN(const ModelLine line, ModelLine::Parse(assigned.line()));
  if (assigned.target_path() != ReleaseTargetPath(line, assigned.version())) {
    return Mismatch("path");
  }
  SignedRelease release;
  FLOTILLA_ASSIGN_OR_RETURN(release.target, tuf_.FindTarget(assigned.target_path(), now));
  if (release.target.role != RoleOfLine(line)) {
    return Mismatch("role (" + release.target.role + " answers for it)");
  }
  if (ToText(release.target.sha256.bytes()) != assigned.sha256()) {
    return Mismatch("SHA-256");
  }
  FLOTILLA_ASSIGN_OR_RETURN(release.policy, tuf_.PolicyOf(release.target.role));
  const auto& resets = tuf_.root().floor_resets;
  if (const auto reset = resets.find(release.target.role); reset != resets.end()) {
    release.floor_reset = static_cast<std::uint64_t>(reset->second);
  }
  FLOTILLA_ASSIGN_OR_RETURN(release.document_bytes,
                            ReadTarget(release.target, BlobKind::kRelease, kMaxReleaseDocumentBytes,
                                       store_, fetcher_, stop));
  FLOTILLA_ASSIGN_OR_RETURN(release.document, ParseReleaseDocument(release.document_bytes));
  FLOTILLA_RETURN_IF_ERROR(CompareDocument(assigned, release.document));
  return Verified<SignedRelease>(std::move(release));
}

Status CheckPolicy(const Verified<SignedRelease>& release, std::uint64_t known_floor) {
  const std::uint64_t remembered =
      std::min(known_floor, release->floor_reset.value_or(known_floor));
  const std::uint64_t floor = std::max(
      remembered, static_cast<std::uint64_t>(std::max<std::int64_t>(release->policy.floor, 0)));
  const ReleaseDocument& document = release->document;
  if (document.release_counter < floor) {
    return WithReason(
        FailedPrecondition("release counter " + std::to_string(document.release_counter) +
                           " is below the publisher's floor " + std::to_string(floor)),
        v1::FAILURE_REASON_POLICY_RELEASE_FLOOR);
  }
  bool blocked = release->policy.Blocks(release->target.sha256);
  for (const ReleaseVariant& variant : document.variants) {
    blocked =
        blocked || std::any_of(variant.files.begin(), variant.files.end(), [&](const auto& file) {
          return release->policy.Blocks(file.target.sha256);
        });
  }
  if (blocked) {
    return WithReason(FailedPrecondition("the publisher has blocked " + document.version),
                      v1::FAILURE_REASON_POLICY_BLOCKLISTED);
  }
  return OkStatus();
}

}  // namespace flotilla::ota
