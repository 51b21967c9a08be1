#ifndef FLOTILLA_FLEETCTL_RPC_CHANNEL_H_
#define FLOTILLA_FLEETCTL_RPC_CHANNEL_H_

#include <chrono>
#include <memory>

#include <grpcpp/grpcpp.h>

#include "base/status.h"
#include "base/time.h"
#include "fleetctl/cli/cli.h"
#include "flotilla/config/v1/fleetctl.pb.h"

namespace flotilla::fleetctl {

// A channel to the operator listener with this person's certificate. NOT_FOUND, INVALID_ARGUMENT:
// its files.
StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const config::v1::Context& context);

// The status of a call, with the typed reason that the controller put into its trailer.
Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context);

void SetDeadline(grpc::ClientContext& context, Duration limit);

// One unary call to `Service` over the context in use:
//   Call<v1::DeviceAdminService>(cli, &v1::DeviceAdminService::Stub::GetDevice, request)
template <typename Service, typename Request, typename Response>
StatusOr<Response> Call(const Cli& cli,
                        grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
                        const Request& request) {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context used, cli.UsedContext());
  FLOTILLA_ASSIGN_OR_RETURN(const auto channel, OpenChannel(used));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration limit, cli.Timeout());
  const auto stub = Service::NewStub(channel);
  grpc::ClientContext context;
  SetDeadline(context, limit);
  Response response;
  FLOTILLA_RETURN_IF_ERROR(FromGrpc((stub.get()->*method)(&context, request, &response), context));
  return response;
}

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RPC_CHANNEL_H_
