#include "fleetctl/trust/root_source.h"

#include <string>
#include <system_error>

#include "base/file.h"
#include "fleetctl/trust/folder_metadata.h"
#include "security/tuf/limits.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {
namespace {

Status TrustNewest(DurableFs& fs, const std::filesystem::path& folder, const std::string& role,
                   Stage& stage) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t version, NewestVersionIn(folder, role));
  FLOTILLA_ASSIGN_OR_RETURN(
      const Bytes bytes,
      ReadFile(folder / tuf::MetadataFileName(role, version), tuf::kMaxTargetsBytes));
  return stage.Trust(fs, role, bytes);
}

}  // namespace

Status TrustFiles(DurableFs& fs, const std::filesystem::path& from, Stage& stage) {
  std::error_code error;
  if (!std::filesystem::is_directory(from, error)) {
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(from, tuf::kMaxRootBytes));
    return Annotate(stage.Trust(fs, "root", bytes), from.string());
  }
  FLOTILLA_RETURN_IF_ERROR(TrustNewest(fs, from, "root", stage));
  const Status targets = TrustNewest(fs, from, "targets", stage);
  return targets.code() == StatusCode::kNotFound ? OkStatus() : targets;
}

}  // namespace flotilla::fleetctl
