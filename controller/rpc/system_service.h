#ifndef FLOTILLA_CONTROLLER_RPC_SYSTEM_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_SYSTEM_SERVICE_H_

#include <functional>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "base/clock.h"
#include "base/executor.h"
#include "controller/bootstrap/authority_store.h"
#include "controller/expiry/expiry_desk.h"
#include "controller/release/catalogue.h"
#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/admin.grpc.pb.h"

namespace flotilla::controller {

struct SystemServiceOptions {
  // Names in the server's certificate.
  std::vector<std::string> host_names;
  // A dark device may come back for so long after its certificate's end.
  Duration renew_after_expiry = absl::Hours(24 * 400);
  // What changed is read by a controller that starts: it is to start anew, soon.
  std::function<void()> restart;
};

// What the service rests on; all outlive the calls.
struct SystemParts {
  ExpiryDesk& expiry;
  Catalogue& catalogue;
  AuthorityStore& authorities;
  // May block.
  Executor& worker;
  const Clock& clock;
};

// SystemService: the site itself, and the operator's CAs, whose files are on the disk, so that it
// works on `worker`. Thread-safe.
class SystemService final : public v1::SystemService::CallbackService {
 public:
  SystemService(SystemServiceOptions options, const OperatorCalls& calls, const SystemParts& parts);

  grpc::ServerUnaryReactor* ListExpiry(grpc::CallbackServerContext* context,
                                       const v1::ListExpiryRequest* request,
                                       v1::ListExpiryResponse* response) override;

  grpc::ServerUnaryReactor* ListCas(grpc::CallbackServerContext* context,
                                    const v1::ListCasRequest* request,
                                    v1::ListCasResponse* response) override;
  grpc::ServerUnaryReactor* RotateCa(grpc::CallbackServerContext* context,
                                     const v1::RotateCaRequest* request,
                                     v1::RotateCaResponse* response) override;
  grpc::ServerUnaryReactor* RetireCa(grpc::CallbackServerContext* context,
                                     const v1::RetireCaRequest* request,
                                     v1::RetireCaResponse* response) override;
  grpc::ServerUnaryReactor* SignBundleTimestamp(grpc::CallbackServerContext* context,
                                                const v1::SignBundleTimestampRequest* request,
                                                v1::SignBundleTimestampResponse* response) override;

 private:
  void SignBundle(const v1::SignBundleTimestampRequest& request, const std::string& actor,
                  v1::SignBundleTimestampResponse* response, const OperatorCalls::Finish& finish);
  // Runs `work` where it may block and ends the call with its status; a change is written to the
  // audit log and restarts the controller.
  using Work = std::function<StatusOr<v1::OperatorCa>()>;
  void Change(const std::string& actor, const std::string& action, Work work,
              v1::OperatorCa* changed, const OperatorCalls::Finish& finish);
  // Devices that hold a certificate of this CA which may still be used. Fleet loop.
  std::vector<std::string> UsersOf(const Digest& fingerprint) const;

  const SystemServiceOptions options_;
  const OperatorCalls calls_;
  ExpiryDesk& expiry_;
  Catalogue& catalogue_;
  AuthorityStore& authorities_;
  Executor& worker_;
  const Clock& clock_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_SYSTEM_SERVICE_H_
