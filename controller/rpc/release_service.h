#ifndef FLOTILLA_CONTROLLER_RPC_RELEASE_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_RELEASE_SERVICE_H_

#include <string>

#include <grpcpp/grpcpp.h>

#include "base/clock.h"
#include "base/executor.h"
#include "controller/release/catalogue.h"
#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/release.grpc.pb.h"

namespace flotilla::controller {

// ReleaseService over the catalogue, which works on the disk and so runs on `worker`; releases that
// a publication brought are in the fleet before it answers. Thread-safe.
class ReleaseService final : public v1::ReleaseService::CallbackService {
 public:
  // `worker` may block. All outlive the calls.
  ReleaseService(const OperatorCalls& calls, Catalogue& catalogue, Executor& worker,
                 const Clock& clock)
      : calls_(calls), catalogue_(catalogue), worker_(worker), clock_(clock) {}

  grpc::ServerUnaryReactor* GetMetadata(grpc::CallbackServerContext* context,
                                        const v1::GetMetadataRequest* request,
                                        v1::GetMetadataResponse* response) override;
  grpc::ServerUnaryReactor* PublishMetadata(grpc::CallbackServerContext* context,
                                            const v1::PublishMetadataRequest* request,
                                            v1::PublishMetadataResponse* response) override;
  grpc::ServerUnaryReactor* CheckBlobs(grpc::CallbackServerContext* context,
                                       const v1::CheckBlobsRequest* request,
                                       v1::CheckBlobsResponse* response) override;
  grpc::ServerUnaryReactor* ListReleases(grpc::CallbackServerContext* context,
                                         const v1::ListReleasesRequest* request,
                                         v1::ListReleasesResponse* response) override;
  grpc::ServerUnaryReactor* GetRelease(grpc::CallbackServerContext* context,
                                       const v1::GetReleaseRequest* request,
                                       v1::GetReleaseResponse* response) override;

 private:
  void Publish(const v1::PublishMetadataRequest& request, const std::string& actor,
               v1::PublishMetadataResponse* response, const OperatorCalls::Finish& finish);
  // On the fleet loop: takes the catalogue's releases into the fleet, then finishes.
  void Announce(const std::string& actor, const v1::PublishMetadataResponse& response,
                const OperatorCalls::Finish& finish);

  const OperatorCalls calls_;
  Catalogue& catalogue_;
  Executor& worker_;
  const Clock& clock_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_RELEASE_SERVICE_H_
