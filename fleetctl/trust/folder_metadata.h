#ifndef FLOTILLA_FLEETCTL_TRUST_FOLDER_METADATA_H_
#define FLOTILLA_FLEETCTL_TRUST_FOLDER_METADATA_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"
#include "security/tuf/client.h"

namespace flotilla::fleetctl {

// The metadata folder of a repository on disk, for a client that trusts none of it.
class FolderMetadata final : public tuf::MetadataFetcher {
 public:
  explicit FolderMetadata(std::filesystem::path folder) : folder_(std::move(folder)) {}
  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) override;

 private:
  std::filesystem::path folder_;
};

// Version of the newest N.<role>.json in a folder. NOT_FOUND.
StatusOr<std::int64_t> NewestVersionIn(const std::filesystem::path& folder,
                                       const std::string& role);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_FOLDER_METADATA_H_
