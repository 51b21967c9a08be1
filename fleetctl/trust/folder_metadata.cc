#include "fleetctl/trust/folder_metadata.h"

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {

StatusOr<Bytes> FolderMetadata::Fetch(const std::string& file_name, std::uint64_t max_bytes) {
  auto bytes = ReadFile(folder_ / file_name, max_bytes);
  switch (bytes.status().code()) {
    case StatusCode::kNotFound:
      return WithReason(bytes.status(), v1::FAILURE_REASON_FETCH_NOT_FOUND);
    case StatusCode::kResourceExhausted:
      return WithReason(DataLoss(file_name + " is too large"), v1::FAILURE_REASON_FETCH_TOO_LARGE);
    default:
      return bytes;
  }
}

StatusOr<std::int64_t> NewestVersionIn(const std::filesystem::path& folder,
                                       const std::string& role) {
  std::int64_t newest = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = tuf::ParseMetadataName(entry->path().filename().string());
    if (name.ok() && name->role == role) {
      newest = std::max(newest, name->version);
    }
  }
  if (error || newest == 0) {
    return NotFound(folder.string() + " holds no N." + role + ".json" +
                    (error ? " (" + error.message() + ")" : ""));
  }
  return newest;
}

}  // namespace flotilla::fleetctl
