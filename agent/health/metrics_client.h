#ifndef FLOTILLA_AGENT_HEALTH_METRICS_CLIENT_H_
#define FLOTILLA_AGENT_HEALTH_METRICS_CLIENT_H_

#include <functional>

#include "flotilla/v1/metrics.pb.h"

#include "base/status.h"

namespace flotilla::agent {

// Port: what the device listener answers about private health. Methods never block; call them on
// the agent's loop, where each `done` is called once, later, unless Cancel comes first. Real:
// GrpcMetricsClient. Fake: FakeMetricsClient (tests/support). Errors as of the services;
// UNAVAILABLE: no session is up, or this fleet has no second party; DEADLINE_EXCEEDED: try again.
class MetricsClient {
 public:
  using TasksDone = std::function<void(const StatusOr<v1::GetHealthTasksResponse>&)>;
  using UploadDone = std::function<void(const StatusOr<v1::UploadResponse>&)>;

  virtual ~MetricsClient() = default;
  virtual void GetHealthTasks(const v1::GetHealthTasksRequest& request, TasksDone done) = 0;
  virtual void Upload(const v1::UploadRequest& request, UploadDone done) = 0;
  // Ends the calls that are open, without a word to their `done`.
  virtual void Cancel() = 0;

 protected:
  MetricsClient() = default;
  MetricsClient(const MetricsClient&) = default;
  MetricsClient& operator=(const MetricsClient&) = default;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_METRICS_CLIENT_H_
