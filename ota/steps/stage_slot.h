#ifndef FLOTILLA_OTA_STEPS_STAGE_SLOT_H_
#define FLOTILLA_OTA_STEPS_STAGE_SLOT_H_

#include <map>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "ota/steps/check_compatibility.h"
#include "ota/steps/verify_release.h"
#include "ota/store.h"
#include "ota/verified.h"

namespace flotilla::ota {

// What of a release is held in memory on its way into the store, by the file it belongs to; nothing
// for a file that the store has.
struct SmallFiles {
  std::map<Digest, Bytes> contents;  // of golden prompts and chat template, verified
  std::map<Digest, Bytes> maps;      // of the files that have a leaf map
};

// Puts the release's document and its files into the store, the verified part files last.
// Idempotent: after a crash call it again. STORAGE_*.
Status StageSlot(const Verified<SignedRelease>& release, const InstallPlan& plan,
                 const SmallFiles& files, Store& store);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_STAGE_SLOT_H_
