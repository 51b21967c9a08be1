#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_METRICS_CLIENT_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_METRICS_CLIENT_H_

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "agent/health/metrics_client.h"
#include "base/executor.h"

namespace flotilla::agent {

// The device listener in memory: answers on the next turn of the loop, as the test says.
class FakeMetricsClient final : public MetricsClient {
 public:
  explicit FakeMetricsClient(Executor& executor) : executor_(executor) {}

  void GetHealthTasks(const v1::GetHealthTasksRequest& request, TasksDone done) override {
    asked_.push_back(request);
    Answer(std::move(done), [this] { return tasks; });
  }
  void Upload(const v1::UploadRequest& request, UploadDone done) override {
    uploads_.push_back(request);
    Answer(std::move(done), [this, request] { return on_upload(request); });
  }
  void Cancel() override { open_ = std::make_shared<int>(0); }

  StatusOr<v1::GetHealthTasksResponse> tasks = Unavailable("no second party");
  std::function<StatusOr<v1::UploadResponse>(const v1::UploadRequest&)> on_upload =
      [](const auto&) {
        v1::UploadResponse taken;
        taken.set_result(v1::UPLOAD_RESULT_TAKEN);
        return taken;
      };
  const std::vector<v1::GetHealthTasksRequest>& asked() const { return asked_; }
  const std::vector<v1::UploadRequest>& uploads() const { return uploads_; }

 private:
  template <typename Done, typename What>
  void Answer(Done done, What what) {
    executor_.Post([done = std::move(done), what, open = std::weak_ptr<int>(open_)] {
      if (!open.expired()) {
        done(what());
      }
    });
  }

  Executor& executor_;
  std::vector<v1::GetHealthTasksRequest> asked_;
  std::vector<v1::UploadRequest> uploads_;
  std::shared_ptr<int> open_ = std::make_shared<int>(0);
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_METRICS_CLIENT_H_
