#include "agent/session/grpc_enrolment_client.h"

#include <memory>
#include <utility>

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

#include "flotilla/v1/enrolment.grpc.pb.h"

#include "agent/session/grpc_channel.h"
#include "agent/session/grpc_status.h"

namespace flotilla::agent {
namespace {

constexpr int kDeadlineSeconds = 30;

std::unique_ptr<v1::EnrolmentService::Stub> NewStub(const std::string& address,
                                                    const std::string& ca_pem,
                                                    const ServerCheck& check) {
  return v1::EnrolmentService::NewStub(
      NewChannel(address, MutualTls({ca_pem, "", "", check}), nullptr));
}

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                    gpr_time_from_seconds(kDeadlineSeconds, GPR_TIMESPAN)));
}

}  // namespace

GrpcEnrolmentClient::GrpcEnrolmentClient(std::string address, ServerCheck check_server)
    : address_(std::move(address)), check_server_(std::move(check_server)) {}

StatusOr<v1::EnrollResponse> GrpcEnrolmentClient::Enroll(const v1::EnrollRequest& request,
                                                         const std::string& ca_pem) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::EnrollResponse response;
  FLOTILLA_RETURN_IF_ERROR(FromGrpc(
      NewStub(address_, ca_pem, check_server_)->Enroll(&context, request, &response), context));
  return response;
}

StatusOr<v1::RenewResponse> GrpcEnrolmentClient::Renew(const v1::RenewRequest& request,
                                                       const std::string& ca_pem) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::RenewResponse response;
  FLOTILLA_RETURN_IF_ERROR(FromGrpc(
      NewStub(address_, ca_pem, check_server_)->Renew(&context, request, &response), context));
  return response;
}

}  // namespace flotilla::agent
