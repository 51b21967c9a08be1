#ifndef FLOTILLA_AGENT_SESSION_GRPC_METRICS_CLIENT_H_
#define FLOTILLA_AGENT_SESSION_GRPC_METRICS_CLIENT_H_

#include <functional>
#include <memory>

#include "agent/health/metrics_client.h"
#include "base/executor.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace flotilla::agent {

// MetricsClient over the connection that the session has, so that private health costs the
// controller none; 30 s deadline a call. gRPC's threads only post to `executor`, which must outlive
// this object.
class GrpcMetricsClient final : public MetricsClient {
 public:
  // Called on the agent's loop at each call; null: no session is open, and the call is UNAVAILABLE.
  using ChannelOfSession = std::function<std::shared_ptr<grpc::Channel>()>;

  GrpcMetricsClient(ChannelOfSession channel, Executor& executor);
  // Waits for the ends of calls that were cancelled.
  ~GrpcMetricsClient() override;
  GrpcMetricsClient(const GrpcMetricsClient&) = delete;
  GrpcMetricsClient& operator=(const GrpcMetricsClient&) = delete;

  void GetHealthTasks(const v1::GetHealthTasksRequest& request, TasksDone done) override;
  void Upload(const v1::UploadRequest& request, UploadDone done) override;
  void Cancel() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_GRPC_METRICS_CLIENT_H_
