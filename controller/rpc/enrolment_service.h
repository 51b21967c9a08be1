#ifndef FLOTILLA_CONTROLLER_RPC_ENROLMENT_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_ENROLMENT_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include "base/executor.h"
#include "controller/enrolment/enrolment.h"
#include "flotilla/v1/enrolment.grpc.pb.h"

namespace flotilla::controller {

// EnrolmentService over Enrolment, which lives on `loop`. No certificate is asked for: tokens and
// proofs are Enrolment's to judge. Thread-safe.
class EnrolmentService final : public v1::EnrolmentService::CallbackService {
 public:
  // Both outlive the calls.
  EnrolmentService(Enrolment& enrolment, Executor& loop) : enrolment_(enrolment), loop_(loop) {}

  grpc::ServerUnaryReactor* Enroll(grpc::CallbackServerContext* context,
                                   const v1::EnrollRequest* request,
                                   v1::EnrollResponse* response) override;
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context,
                                  const v1::RenewRequest* request,
                                  v1::RenewResponse* response) override;

 private:
  Enrolment& enrolment_;
  Executor& loop_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_ENROLMENT_SERVICE_H_
