// A role's metadata at the controller: read it, edit it, sign it, publish it.
#ifndef FLOTILLA_FLEETCTL_RPC_PUBLISHED_ROLE_H_
#define FLOTILLA_FLEETCTL_RPC_PUBLISHED_ROLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "fleetctl/cli/cli.h"
#include "fleetctl/trust/signing_keys.h"
#include "flotilla/v1/release.pb.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {

// The newest metadata of a role as it is published; of root also an older version. NOT_FOUND.
StatusOr<Bytes> PublishedMetadata(const Cli& cli, const std::string& role,
                                  std::int64_t root_version = 0);

// The version that follows `published` of a role: one higher. At a controller that was restored
// from a backup, where versions between may be with devices already, no lower than its snapshot's.
StatusOr<std::int64_t> NextRoleVersion(const Cli& cli, std::int64_t published);

// The newest metadata of a targets role, its version one higher and its life starting now; a new
// one of version 1 when the controller has none.
StatusOr<tuf::Draft> EditRole(const Cli& cli, const std::string& role, Duration life);

// The files as they are. Errors as PublishMetadata's: the controller refuses what a device would.
StatusOr<v1::PublishMetadataResponse> PublishFiles(const Cli& cli,
                                                   const std::vector<v1::MetadataFile>& files);
// Signed drafts by role name.
StatusOr<v1::MetadataFile> ToFile(const std::string& role, const tuf::Draft& draft);

// Signs and publishes one role.
StatusOr<v1::PublishMetadataResponse> PublishRole(const Cli& cli, const std::string& role,
                                                  tuf::Draft draft, const Signers& signers);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RPC_PUBLISHED_ROLE_H_
