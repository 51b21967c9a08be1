#include "ota/steps/reserve_space.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/file.h"
#include "ota/active_file.h"
#include "ota/storage_reason.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kPercent = 100;

Status CheckSpace(const DiskSpace& space, std::uint64_t needed, const SpaceReserve& reserve) {
  const std::uint64_t kept =
      std::max(space.capacity_bytes / kPercent * reserve.percent, reserve.bytes);
  if (needed == 0 || (space.free_bytes >= needed && space.free_bytes - needed >= kept)) {
    return OkStatus();
  }
  const std::string text = "the update needs " + std::to_string(needed) + " bytes, " +
                           std::to_string(space.free_bytes) + " are free, " + std::to_string(kept) +
                           " must stay free";
  return WithReason(ResourceExhausted(text), space.free_bytes < needed
                                                 ? v1::FAILURE_REASON_STORAGE_NO_SPACE
                                                 : v1::FAILURE_REASON_STORAGE_BUDGET);
}

Status CheckBudget(std::uint64_t used, std::uint64_t needed, std::uint64_t budget) {
  if (budget == 0 || needed == 0 || (used <= budget && budget - used >= needed)) {
    return OkStatus();
  }
  return WithReason(
      ResourceExhausted("the update needs " + std::to_string(needed) + " bytes beside the " +
                        std::to_string(used) + " that are kept; disk_budget_bytes allows " +
                        std::to_string(budget)),
      v1::FAILURE_REASON_STORAGE_BUDGET);
}

Status CheckRoom(const InstallPlan& plan, const std::filesystem::path& state_dir,
                 const Store& store, const SpaceReserve& reserve, const DiskProbe& probe) {
  const std::uint64_t needed = BytesToWrite(plan, store);
  FLOTILLA_ASSIGN_OR_RETURN(const DiskSpace space, probe(state_dir));
  FLOTILLA_RETURN_IF_ERROR(CheckSpace(space, needed, reserve));
  return CheckBudget(store.UsedBytes(), needed, reserve.budget_bytes);
}

}  // namespace

StatusOr<DiskSpace> ProbeDisk(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::space_info info = std::filesystem::space(path, error);
  if (error) {
    return WithStorageReason(ErrnoStatus(error.value(), "space of " + path.string()));
  }
  DiskSpace space;
  space.capacity_bytes = info.capacity;
  space.free_bytes = info.available;
  return space;
}

std::uint64_t BytesToWrite(const InstallPlan& plan, const Store& store) {
  std::uint64_t needed = 0;
  for (const PlannedFile& file : plan.files) {
    if (store.Contains(file.target.sha256)) {
      continue;
    }
    needed += file.target.length;
    if (file.map.has_value()) {
      // The part file claims all its blocks when it is created.
      const StatusOr<std::uint64_t> claimed = FileSize(store.PartPath(file.target.sha256));
      needed += file.map->length - std::min(file.target.length, claimed.ok() ? *claimed : 0);
    }
  }
  return needed;
}

Status ReserveSpace(const InstallPlan& plan, const std::filesystem::path& state_dir, Store& store,
                    const SpaceReserve& reserve, const DiskProbe& probe) {
  if (CheckRoom(plan, state_dir, store, reserve, probe).ok()) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(std::set<Digest> keep, ReferencedBlobs(state_dir));
  AddBlobs(plan.release, keep);
  FLOTILLA_RETURN_IF_ERROR(store.CollectGarbage(keep));
  return CheckRoom(plan, state_dir, store, reserve, probe);
}

}  // namespace flotilla::ota
