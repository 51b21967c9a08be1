#ifndef FLOTILLA_FLEETCTL_RPC_CONTROLLER_METADATA_H_
#define FLOTILLA_FLEETCTL_RPC_CONTROLLER_METADATA_H_

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "fleetctl/cli/cli.h"
#include "security/tuf/client.h"

namespace flotilla::fleetctl {

// The controller's metadata over its operator listener, for a client that trusts none of it.
class ControllerMetadata final : public tuf::MetadataFetcher {
 public:
  // `cli` outlives it.
  explicit ControllerMetadata(const Cli& cli) : cli_(cli) {}
  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) override;

 private:
  const Cli& cli_;
};

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RPC_CONTROLLER_METADATA_H_
