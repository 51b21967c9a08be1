#include "fleetctl/rpc/revocation_watch.h"

#include <chrono>
#include <memory>
#include <optional>

#include <grpcpp/grpcpp.h>
#include "absl/strings/str_cat.h"

#include "flotilla/v1/revocation_service.grpc.pb.h"

#include "fleetctl/rpc/channel.h"
#include "fleetctl/rpc/pause.h"

namespace flotilla::fleetctl {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenLooks{100};

}  // namespace

Status WatchRevocation(const Cli& cli, const std::string& line, const std::string& version,
                       const std::function<Looking(const v1::RevocationStatus&)>& on_look) {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context used, cli.UsedContext());
  FLOTILLA_ASSIGN_OR_RETURN(const auto channel, OpenChannel(used));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration limit, cli.Timeout());
  FLOTILLA_ASSIGN_OR_RETURN(const std::optional<Duration> stated, cli.StatedTimeout());
  const auto stub = v1::RevocationService::NewStub(channel);
  v1::GetRevocationRequest request;
  request.set_line(line);
  request.set_version(version);
  const SteadyClock::time_point begin = SteadyClock::now();
  while (true) {
    grpc::ClientContext context;
    SetDeadline(context, limit);
    v1::GetRevocationResponse response;
    const Status status = FromGrpc(stub->GetRevocation(&context, request, &response), context);
    if (status.ok() && on_look(response.status()) == Looking::kEnough) {
      return OkStatus();
    }
    if (!status.ok() && status.code() != StatusCode::kUnavailable) {
      return status;
    }
    if (stated.has_value() && absl::FromChrono(SteadyClock::now() - begin) >= *stated) {
      return DeadlineExceeded(
          absl::StrCat("not every online device has stopped ", line, " ", version, " yet"));
    }
    Pause(kBetweenLooks);
  }
}

}  // namespace flotilla::fleetctl
