#include "controller/rpc/enrolment_admin_service.h"

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"
#include "controller/fleet/audit_entry.h"
#include "controller/rpc/desk_answer.h"

namespace flotilla::controller {

grpc::ServerUnaryReactor* EnrolmentAdminService::CreateToken(grpc::CallbackServerContext* context,
                                                             const v1::CreateTokenRequest* request,
                                                             v1::CreateTokenResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        tokens_.Create(*request, actor, Answer(response, finish));
      });
}

grpc::ServerUnaryReactor* EnrolmentAdminService::ListTokens(grpc::CallbackServerContext* context,
                                                            const v1::ListTokensRequest* request,
                                                            v1::ListTokensResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, response](const std::string& /*actor*/, const OperatorCalls::Finish& finish) {
        *response = tokens_.List();
        finish(OkStatus());
      });
}

grpc::ServerUnaryReactor* EnrolmentAdminService::RevokeToken(grpc::CallbackServerContext* context,
                                                             const v1::RevokeTokenRequest* request,
                                                             v1::RevokeTokenResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        tokens_.Revoke(request->id(), actor, Answer(response, finish));
      });
}

grpc::ServerUnaryReactor* EnrolmentAdminService::ListEnrolmentRequests(
    grpc::CallbackServerContext* context, const v1::ListEnrolmentRequestsRequest* request,
    v1::ListEnrolmentRequestsResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, response](const std::string& /*actor*/, const OperatorCalls::Finish& finish) {
        *response = approvals_.List();
        finish(OkStatus());
      });
}

grpc::ServerUnaryReactor* EnrolmentAdminService::DecideEnrolmentRequest(
    grpc::CallbackServerContext* context, const v1::DecideEnrolmentRequestRequest* request,
    v1::DecideEnrolmentRequestResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        const StatusOr<v1::EnrolmentRequest> decided = approvals_.Decide(*request, actor);
        if (!decided.ok()) {
          finish(decided.status());
          return;
        }
        *response->mutable_request() = *decided;
        FleetChange change;
        const bool approved = decided->decision() == v1::ENROLMENT_DECISION_APPROVED;
        change.audit.push_back(MakeAuditEntry(
            actor, approved ? "enrolment.approve" : "enrolment.deny", "request/" + decided->id(),
            "key " + HexEncode(AsBytes(decided->key_sha256())) + ", hardware " +
                decided->serial()));
        calls_.fleet().Apply(std::move(change), finish);
      });
}

}  // namespace flotilla::controller
