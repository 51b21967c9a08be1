#include "fleetctl/rpc/controller_metadata.h"

#include <string>

#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/release.grpc.pb.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {

using v1::ReleaseService;

StatusOr<Bytes> ControllerMetadata::Fetch(const std::string& file_name, std::uint64_t max_bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::MetadataName name, tuf::ParseMetadataName(file_name));
  v1::GetMetadataRequest request;
  request.set_role(name.role);
  if (name.role == "root") {
    request.set_version(static_cast<std::uint64_t>(name.version));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::GetMetadataResponse response,
      (Call<ReleaseService>(cli_, &ReleaseService::Stub::GetMetadata, request)));
  const std::string& content = response.file().content();
  if (content.size() > max_bytes) {
    return WithReason(DataLoss(file_name + " is too large"), v1::FAILURE_REASON_FETCH_TOO_LARGE);
  }
  return ToBytes(content);
}

}  // namespace flotilla::fleetctl
