#include "fleetctl/rpc/rollout_watch.h"

#include <chrono>
#include <memory>
#include <optional>

#include <grpcpp/grpcpp.h>

#include "flotilla/v1/rollout.grpc.pb.h"

#include "fleetctl/rpc/channel.h"
#include "fleetctl/rpc/pause.h"

namespace flotilla::fleetctl {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kReconnect{500};

// Null where --timeout was not stated.
StatusOr<std::optional<SteadyClock::time_point>> EndOf(const Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::optional<Duration> limit, cli.StatedTimeout());
  if (!limit.has_value()) {
    return std::optional<SteadyClock::time_point>();
  }
  return std::optional(SteadyClock::now() + absl::ToChronoMilliseconds(*limit));
}

// One stream. OK: enough.
Status WatchOnce(v1::RolloutService::Stub& stub, const std::string& rollout_id,
                 std::optional<SteadyClock::time_point> end,
                 const std::function<Watching(const v1::Rollout&)>& on_change) {
  grpc::ClientContext context;
  if (end.has_value()) {
    SetDeadline(context, absl::FromChrono(*end - SteadyClock::now()));
  }
  v1::WatchRolloutRequest request;
  request.set_rollout_id(rollout_id);
  const auto stream = stub.WatchRollout(&context, request);
  v1::WatchRolloutResponse response;
  while (stream->Read(&response)) {
    if (on_change(response.rollout()) == Watching::kEnough) {
      context.TryCancel();
      while (stream->Read(&response)) {
      }
      stream->Finish();
      return OkStatus();
    }
  }
  const Status status = FromGrpc(stream->Finish(), context);
  return status.ok() ? Unavailable("the controller closed the stream") : status;
}

}  // namespace

Status WatchRollout(const Cli& cli, const std::string& rollout_id,
                    const std::function<Watching(const v1::Rollout&)>& on_change) {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context used, cli.UsedContext());
  FLOTILLA_ASSIGN_OR_RETURN(const auto channel, OpenChannel(used));
  FLOTILLA_ASSIGN_OR_RETURN(const auto end, EndOf(cli));
  const auto stub = v1::RolloutService::NewStub(channel);
  while (true) {
    Status status = WatchOnce(*stub, rollout_id, end, on_change);
    if (status.code() != StatusCode::kUnavailable) {
      return status;
    }
    if (end.has_value() && SteadyClock::now() >= *end) {
      return DeadlineExceeded("rollout " + rollout_id + " is not at its end yet");
    }
    Pause(kReconnect);
  }
}

}  // namespace flotilla::fleetctl
