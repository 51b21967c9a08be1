#ifndef FLOTILLA_AGENT_SESSION_GRPC_ENROLMENT_CLIENT_H_
#define FLOTILLA_AGENT_SESSION_GRPC_ENROLMENT_CLIENT_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "agent/enrol/enrolment.h"
#include "agent/session/grpc_session_transport.h"

namespace grpc {
class ClientContext;
class Status;
}  // namespace grpc

namespace flotilla::agent {

// EnrolmentClient over gRPC: one connection per call, through `proxy` when it is not null, 30 s
// deadline, one call at a time.
class GrpcEnrolmentClient final : public EnrolmentClient {
 public:
  GrpcEnrolmentClient(std::string address, ServerCheck check_server,
                      std::shared_ptr<const security::HttpProxy> proxy = nullptr);

  StatusOr<v1::EnrollResponse> Enroll(const v1::EnrollRequest& request,
                                      const std::string& ca_pem) override;
  StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request,
                                    const std::string& ca_pem) override;
  void Cancel() override;

 private:
  Status Run(const std::function<grpc::Status(grpc::ClientContext*)>& call);

  const std::string address_;
  const ServerCheck check_server_;
  const std::shared_ptr<const security::HttpProxy> proxy_;
  std::mutex mutex_;
  grpc::ClientContext* open_ = nullptr;
  bool cancelled_ = false;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_GRPC_ENROLMENT_CLIENT_H_
