#ifndef FLOTILLA_OTA_STEPS_RESERVE_SPACE_H_
#define FLOTILLA_OTA_STEPS_RESERVE_SPACE_H_

#include <cstdint>
#include <filesystem>

#include "base/status.h"
#include "ota/disk_space.h"
#include "ota/steps/check_compatibility.h"
#include "ota/store.h"

namespace flotilla::ota {

// What the plan still has to write, in bytes: its files that neither the store nor a download
// holds.
std::uint64_t BytesToWrite(const InstallPlan& plan, const Store& store);

// Refuses an update that does not fit before its first byte; when space is short, collects what
// neither a line nor the plan refers to and looks again. RESOURCE_EXHAUSTED with STORAGE_NO_SPACE,
// or STORAGE_BUDGET when it would fit but eat into the reserve or take more than the budget.
Status ReserveSpace(const InstallPlan& plan, const std::filesystem::path& state_dir, Store& store,
                    const SpaceReserve& reserve, const DiskProbe& probe);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_RESERVE_SPACE_H_
