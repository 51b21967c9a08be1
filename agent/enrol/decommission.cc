#include "agent/enrol/decommission.h"

#include <string>
#include <system_error>

#include "agent/enrol/identity.h"
#include "agent/health/reporting_key.h"
#include "base/bytes.h"
#include "base/file.h"

namespace flotilla::agent {
namespace {

constexpr char kKeepModels[] = "keep-models\n";
constexpr char kWipeModels[] = "wipe-models\n";

std::filesystem::path MarkPath(const std::filesystem::path& state_dir) {
  return state_dir / "decommissioned";
}

Status RemoveAll(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  return error ? ErrnoStatus(error.value(), path.string()) : OkStatus();
}

}  // namespace

Status BeginLeaving(DurableFs& fs, const std::filesystem::path& state_dir, ModelFate models) {
  const std::string mark = models == ModelFate::kWipe ? kWipeModels : kKeepModels;
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, MarkPath(state_dir), AsBytes(mark)));
  FLOTILLA_RETURN_IF_ERROR(ForgetReportingKey(fs, state_dir));
  return WipeIdentity(fs, state_dir);
}

bool HasLeftFleet(const std::filesystem::path& state_dir) {
  return FileSize(MarkPath(state_dir)).ok();
}

Status FinishLeaving(DurableFs& fs, const std::filesystem::path& state_dir) {
  FLOTILLA_RETURN_IF_ERROR(WipeIdentity(fs, state_dir));
  for (const char* const file : {"agent.db", "agent.db-wal", "agent.db-shm"}) {
    FLOTILLA_RETURN_IF_ERROR(DurableRemove(fs, state_dir / file));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes mark, ReadFile(MarkPath(state_dir), sizeof kWipeModels));
  if (AsText(mark) != kWipeModels) {
    return OkStatus();
  }
  for (const char* const folder : {"lines", "staging", "store"}) {
    FLOTILLA_RETURN_IF_ERROR(RemoveAll(state_dir / folder));
  }
  return fs.SyncDir(state_dir);
}

Status ForgetLeaving(DurableFs& fs, const std::filesystem::path& state_dir) {
  return DurableRemove(fs, MarkPath(state_dir));
}

}  // namespace flotilla::agent
