#ifndef FLOTILLA_OTA_STEPS_STAGE_SLOT_H_
#define FLOTILLA_OTA_STEPS_STAGE_SLOT_H_

#include "base/bytes.h"
#include "base/status.h"
#include "ota/steps/check_compatibility.h"
#include "ota/steps/verify_release.h"
#include "ota/store.h"
#include "ota/verified.h"

namespace flotilla::ota {

// Small files of a release, verified, on their way into the store.
struct SmallFiles {
  Bytes golden;  // empty when the release has none
  Bytes map;     // empty when the model is in the store already
};

// Puts the release's document, its golden prompts and the verified part file into the store, the
// model last. Idempotent: after a crash call it again. STORAGE_*.
Status StageSlot(const Verified<SignedRelease>& release, const InstallPlan& plan,
                 const SmallFiles& files, Store& store);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_STAGE_SLOT_H_
