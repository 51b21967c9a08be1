#ifndef FLOTILLA_OTA_STEPS_VERIFY_RELEASE_H_
#define FLOTILLA_OTA_STEPS_VERIFY_RELEASE_H_

#include <cstdint>
#include <optional>
#include <stop_token>

#include "flotilla/v1/release.pb.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "ota/fetch/blob_fetcher.h"
#include "ota/format/release_document.h"
#include "ota/store.h"
#include "ota/verified.h"
#include "security/tuf/client.h"

namespace flotilla::ota {

// A release as the publisher signed it.
struct SignedRelease {
  ReleaseDocument document;
  Bytes document_bytes;
  tuf::TargetInfo target;  // of the document
  tuf::LinePolicy policy;  // of the line's role
  // Root counts every floor that devices remember of this role as this one at most.
  std::optional<std::uint64_t> floor_reset;
};

// Turns an assignment, which is only a choice, into what the publisher signed.
class ReleaseVerifier {
 public:
  // All must outlive it.
  ReleaseVerifier(tuf::TufClient& tuf, BlobFetcher& fetcher, Store& store);

  // Finds the release document in the metadata, fetches and reads it, and compares all that the
  // assignment says with it. Call after RefreshMetadata. PERMISSION_DENIED with
  // TRUST_ASSIGNMENT_MISMATCH where they differ; errors of TufClient::FindTarget, ReadTarget and
  // ParseReleaseDocument.
  StatusOr<Verified<SignedRelease>> Verify(const v1::ReleaseRef& assigned, Time now,
                                           const std::stop_token& stop);

 private:
  tuf::TufClient& tuf_;
  BlobFetcher& fetcher_;
  Store& store_;
};

// FAILED_PRECONDITION with POLICY_RELEASE_FLOOR below the publisher's floor or the highest floor
// this device has seen (`known_floor`, or the root's reset of it when that is lower), with
// POLICY_BLOCKLISTED when the publisher blocks the document or one of its models.
Status CheckPolicy(const Verified<SignedRelease>& release, std::uint64_t known_floor);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_VERIFY_RELEASE_H_
