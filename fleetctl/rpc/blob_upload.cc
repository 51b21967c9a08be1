#include "fleetctl/rpc/blob_upload.h"

#include <cstdint>
#include <ostream>
#include <set>
#include <string>

#include "base/bytes.h"
#include "fleetctl/output/output.h"
#include "fleetctl/rpc/channel.h"
#include "fleetctl/upload/https_client.h"
#include "flotilla/v1/release.grpc.pb.h"

namespace flotilla::fleetctl {
namespace {

using v1::ReleaseService;

StatusOr<std::set<std::string>> Missing(const Cli& cli, const std::vector<PlannedTarget>& targets) {
  v1::CheckBlobsRequest request;
  for (const PlannedTarget& planned : targets) {
    request.add_sha256(ToText(planned.target.sha256.bytes()));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::CheckBlobsResponse response,
      (Call<ReleaseService>(cli, &ReleaseService::Stub::CheckBlobs, request)));
  return std::set<std::string>(response.missing_sha256().begin(), response.missing_sha256().end());
}

HttpsClient::Progress Show(const Cli& cli, const PlannedTarget& planned) {
  if (!cli.surroundings().terminal) {
    return {};
  }
  return [&cli, path = planned.target.path](std::uint64_t done, std::uint64_t total) {
    cli.err() << "\r\033[K" << path << "  " << BytesCell(done) << " of " << BytesCell(total)
              << std::flush;
  };
}

}  // namespace

Status UploadMissing(const Cli& cli, const std::vector<PlannedTarget>& targets) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::set<std::string> missing, Missing(cli, targets));
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context context, cli.UsedContext());
  FLOTILLA_ASSIGN_OR_RETURN(const auto client, HttpsClient::Create(context));
  for (const PlannedTarget& planned : targets) {
    const Digest& digest = planned.target.sha256;
    if (!missing.contains(ToText(digest.bytes()))) {
      continue;
    }
    const HttpsClient::Progress progress = Show(cli, planned);
    FLOTILLA_RETURN_IF_ERROR(planned.file.empty()
                                 ? client->UploadBytes(planned.content, digest, progress)
                                 : client->Upload(planned.file, digest, progress));
    if (progress) {
      cli.err() << "\r\033[K";
    }
  }
  return OkStatus();
}

}  // namespace flotilla::fleetctl
