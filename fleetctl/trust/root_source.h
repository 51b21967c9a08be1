#ifndef FLOTILLA_FLEETCTL_TRUST_ROOT_SOURCE_H_
#define FLOTILLA_FLEETCTL_TRUST_ROOT_SOURCE_H_

#include <filesystem>

#include "base/durable_fs.h"
#include "base/status.h"
#include "fleetctl/trust/stage.h"

namespace flotilla::fleetctl {

// Without any network: a root file, or the newest root and targets of a metadata folder, become
// what the stage replaces. NOT_FOUND; as Stage::Trust.
Status TrustFiles(DurableFs& fs, const std::filesystem::path& from, Stage& stage);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_ROOT_SOURCE_H_
