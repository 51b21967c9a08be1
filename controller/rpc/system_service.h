#ifndef FLOTILLA_CONTROLLER_RPC_SYSTEM_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_SYSTEM_SERVICE_H_

#include <string>

#include <grpcpp/grpcpp.h>

#include "base/clock.h"
#include "base/executor.h"
#include "controller/expiry/expiry_desk.h"
#include "controller/release/catalogue.h"
#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/admin.grpc.pb.h"

namespace flotilla::controller {

// SystemService: the site itself. Thread-safe.
class SystemService final : public v1::SystemService::CallbackService {
 public:
  // `worker` may block. All outlive the calls.
  SystemService(const OperatorCalls& calls, ExpiryDesk& expiry, Catalogue& catalogue,
                Executor& worker, const Clock& clock)
      : calls_(calls), expiry_(expiry), catalogue_(catalogue), worker_(worker), clock_(clock) {}

  grpc::ServerUnaryReactor* ListExpiry(grpc::CallbackServerContext* context,
                                       const v1::ListExpiryRequest* request,
                                       v1::ListExpiryResponse* response) override;

  grpc::ServerUnaryReactor* SignBundleTimestamp(grpc::CallbackServerContext* context,
                                                const v1::SignBundleTimestampRequest* request,
                                                v1::SignBundleTimestampResponse* response) override;

 private:
  void SignBundle(const v1::SignBundleTimestampRequest& request, const std::string& actor,
                  v1::SignBundleTimestampResponse* response, const OperatorCalls::Finish& finish);

  const OperatorCalls calls_;
  ExpiryDesk& expiry_;
  Catalogue& catalogue_;
  Executor& worker_;
  const Clock& clock_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_SYSTEM_SERVICE_H_
