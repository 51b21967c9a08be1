#include "agent/session/grpc_enrolment_client.h"

#include <memory>
#include <utility>

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

#include "flotilla/v1/enrolment.grpc.pb.h"

#include "agent/session/grpc_channel.h"
#include "agent/session/grpc_status.h"
#include "agent/session/proxy_status.h"

namespace flotilla::agent {
namespace {

constexpr int kDeadlineSeconds = 30;

std::unique_ptr<v1::EnrolmentService::Stub> NewStub(const std::string& address,
                                                    const std::string& ca_pem,
                                                    const ServerCheck& check, const Link& link) {
  return v1::EnrolmentService::NewStub(
      NewChannel(address, MutualTls({ca_pem, "", "", check}), nullptr, link));
}

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                    gpr_time_from_seconds(kDeadlineSeconds, GPR_TIMESPAN)));
}

}  // namespace

GrpcEnrolmentClient::GrpcEnrolmentClient(std::string address, ServerCheck check_server,
                                         std::shared_ptr<const security::HttpProxy> proxy)
    : address_(std::move(address)),
      check_server_(std::move(check_server)),
      proxy_(std::move(proxy)) {}

StatusOr<v1::EnrollResponse> GrpcEnrolmentClient::Enroll(const v1::EnrollRequest& request,
                                                         const std::string& ca_pem) {
  v1::EnrollResponse response;
  FLOTILLA_RETURN_IF_ERROR(Run([&](grpc::ClientContext* context) {
    return NewStub(address_, ca_pem, check_server_, {LinkKind::kPlain, proxy_})
        ->Enroll(context, request, &response);
  }));
  return response;
}

StatusOr<v1::RenewResponse> GrpcEnrolmentClient::Renew(const v1::RenewRequest& request,
                                                       const std::string& ca_pem) {
  v1::RenewResponse response;
  FLOTILLA_RETURN_IF_ERROR(Run([&](grpc::ClientContext* context) {
    return NewStub(address_, ca_pem, check_server_, {LinkKind::kPlain, proxy_})
        ->Renew(context, request, &response);
  }));
  return response;
}

void GrpcEnrolmentClient::Cancel() {
  const std::scoped_lock lock(mutex_);
  cancelled_ = true;
  if (open_ != nullptr) {
    open_->TryCancel();
  }
}

Status GrpcEnrolmentClient::Run(const std::function<grpc::Status(grpc::ClientContext*)>& call) {
  grpc::ClientContext context;
  SetDeadline(context);
  {
    const std::scoped_lock lock(mutex_);
    if (cancelled_) {
      return Cancelled("the agent stops");
    }
    open_ = &context;
  }
  const grpc::Status status = call(&context);
  const std::scoped_lock lock(mutex_);
  open_ = nullptr;
  return ExplainProxy(FromGrpc(status, context), proxy_.get(), address_);
}

}  // namespace flotilla::agent
