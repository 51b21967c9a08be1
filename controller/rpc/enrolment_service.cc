#include "controller/rpc/enrolment_service.h"

#include <string>
#include <utility>

#include "base/status.h"
#include "controller/rpc/grpc_status.h"

namespace flotilla::controller {
namespace {

// "ipv4:192.0.2.7:40112" without its port.
std::string AddressOf(const std::string& peer) {
  return peer.substr(0, peer.rfind(':'));
}

// Answers a call from the fleet loop.
template <typename Response>
auto Answer(grpc::ServerUnaryReactor* reactor, grpc::CallbackServerContext* context,
            Response* response) {
  return [reactor, context, response](StatusOr<Response> answer) {
    const Status status = answer.status();
    if (status.ok()) {
      *response = std::move(*answer);
    }
    reactor->Finish(StatusToGrpc(status, *context));
  };
}

}  // namespace

grpc::ServerUnaryReactor* EnrolmentService::Enroll(grpc::CallbackServerContext* context,
                                                   const v1::EnrollRequest* request,
                                                   v1::EnrollResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  loop_.Post([this, reactor, context, request, response] {
    enrolment_.Enroll(*request, Answer(reactor, context, response), AddressOf(context->peer()));
  });
  return reactor;
}

grpc::ServerUnaryReactor* EnrolmentService::Renew(grpc::CallbackServerContext* context,
                                                  const v1::RenewRequest* request,
                                                  v1::RenewResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  loop_.Post([this, reactor, context, request, response] {
    enrolment_.Renew(*request, Answer(reactor, context, response));
  });
  return reactor;
}

}  // namespace flotilla::controller
