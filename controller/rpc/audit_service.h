#ifndef FLOTILLA_CONTROLLER_RPC_AUDIT_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_AUDIT_SERVICE_H_

#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/admin.grpc.pb.h"

namespace flotilla::controller {

// AuditService over the fleet's store. Thread-safe.
class AuditService final : public v1::AuditService::CallbackService {
 public:
  explicit AuditService(OperatorCalls calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* ListAudit(grpc::CallbackServerContext* context,
                                      const v1::ListAuditRequest* request,
                                      v1::ListAuditResponse* response) override;

 private:
  const OperatorCalls calls_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_AUDIT_SERVICE_H_
