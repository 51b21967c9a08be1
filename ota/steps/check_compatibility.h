#ifndef FLOTILLA_OTA_STEPS_CHECK_COMPATIBILITY_H_
#define FLOTILLA_OTA_STEPS_CHECK_COMPATIBILITY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/status.h"
#include "base/time.h"
#include "ota/steps/verify_release.h"
#include "ota/store.h"
#include "ota/verified.h"
#include "security/tuf/client.h"

namespace flotilla::ota {

// One file of a release.
struct PlannedFile {
  BlobKind kind = BlobKind::kUnspecified;
  tuf::TargetInfo target;
  std::optional<tuf::TargetInfo> map;  // of large files, which are fetched leaf by leaf
  std::string name;                    // of an adapter
};

// What this device installs of a release, all or nothing.
struct InstallPlan {
  v1::InstalledRelease release;  // as it will stand in the active record
  std::string why;               // why this variant
  // The model first, then adapters in order, the chat template, the golden prompts.
  std::vector<PlannedFile> files;
};

// Chooses the variant for the device and finds its files in the metadata of the release's role;
// optional files of kinds that this agent does not know are left out.
// Pure but for metadata that the client may have to load. FAILED_PRECONDITION with POLICY_*
// (CheckVersions, PickVariant); NOT_FOUND with TRUST_TARGET_NOT_FOUND; PERMISSION_DENIED with
// TRUST_LENGTH_MISMATCH or TRUST_HASH_MISMATCH where the document and the metadata disagree about a
// file.
StatusOr<InstallPlan> CheckCompatibility(const Verified<SignedRelease>& release,
                                         const v1::DeviceFacts& facts,
                                         const std::string& agent_version,
                                         const std::string& engine_version, tuf::TufClient& tuf,
                                         Time now);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_CHECK_COMPATIBILITY_H_
