// What every MetricsClient (agent/health/metrics_client.h) keeps: the fake over memory, the real
// one over mutual TLS to a controller that does as the test says.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "agent/session/grpc_channel.h"
#include "agent/session/grpc_metrics_client.h"
#include "base/loop_thread.h"
#include "flotilla/v1/metrics.grpc.pb.h"
#include "tests/support/device_listener.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_metrics_client.h"
#include "tests/support/on_loop.h"

namespace flotilla::agent {
namespace {

// What the controller answers next, and what it was told.
struct Script {
  std::mutex mutex;
  Status error = OkStatus();
  v1::GetHealthTasksResponse tasks;
  v1::UploadResult result = v1::UPLOAD_RESULT_TAKEN;
  std::vector<std::string> uploads;
  std::uint32_t schema_version = 0;
};

class Subject {
 public:
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  virtual ~Subject() = default;
  virtual MetricsClient& client() = 0;
  // Runs `task` on the loop and returns when it has run.
  virtual void OnLoop(const std::function<void()>& task) = 0;
  // True as soon as `condition`, asked on the loop, is; false when it stays away.
  virtual bool Await(const std::function<bool()>& condition) = 0;
  virtual void LoseSession() = 0;

  Script script;

 protected:
  Subject() = default;
};

class FakeSubject final : public Subject {
 public:
  FakeSubject() {
    client_.on_upload = [this](const v1::UploadRequest& request) -> StatusOr<v1::UploadResponse> {
      FLOTILLA_RETURN_IF_ERROR(script.error);
      script.uploads.push_back(request.report());
      v1::UploadResponse response;
      response.set_result(script.result);
      return response;
    };
  }
  MetricsClient& client() override { return client_; }
  void OnLoop(const std::function<void()>& task) override {
    client_.tasks = script.error.ok() ? StatusOr<v1::GetHealthTasksResponse>(script.tasks)
                                      : StatusOr<v1::GetHealthTasksResponse>(script.error);
    task();
    if (!client_.asked().empty()) {
      script.schema_version = client_.asked().back().schema_version();
    }
  }
  bool Await(const std::function<bool()>& condition) override {
    executor_.RunReady();
    return condition();
  }
  void LoseSession() override { script.error = Unavailable("no session"); }

 private:
  FakeExecutor executor_;
  FakeMetricsClient client_{executor_};
};

grpc::Status ToGrpc(const Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), MessageOf(status)};
}

class ScriptedMetrics final : public v1::MetricsService::Service {
 public:
  explicit ScriptedMetrics(Script& script) : script_(script) {}
  grpc::Status Upload(grpc::ServerContext* /*context*/, const v1::UploadRequest* request,
                      v1::UploadResponse* response) override {
    const std::scoped_lock lock(script_.mutex);
    if (!script_.error.ok()) {
      return ToGrpc(script_.error);
    }
    script_.uploads.push_back(request->report());
    response->set_result(script_.result);
    return grpc::Status::OK;
  }

 private:
  Script& script_;
};

class ScriptedTasks final : public v1::HealthTaskService::Service {
 public:
  explicit ScriptedTasks(Script& script) : script_(script) {}
  grpc::Status GetHealthTasks(grpc::ServerContext* /*context*/,
                              const v1::GetHealthTasksRequest* request,
                              v1::GetHealthTasksResponse* response) override {
    const std::scoped_lock lock(script_.mutex);
    script_.schema_version = request->schema_version();
    if (!script_.error.ok()) {
      return ToGrpc(script_.error);
    }
    *response = script_.tasks;
    return grpc::Status::OK;
  }

 private:
  Script& script_;
};

class GrpcSubject final : public Subject {
 public:
  GrpcSubject() = default;
  ~GrpcSubject() override {
    OnLoop([this] {
      client_.reset();
      channel_.reset();
    });
  }
  GrpcSubject(const GrpcSubject&) = delete;
  GrpcSubject& operator=(const GrpcSubject&) = delete;

  MetricsClient& client() override { return *client_; }
  void OnLoop(const std::function<void()>& task) override { RunOn(loop_.executor(), task); }
  bool Await(const std::function<bool()>& condition) override {
    return AwaitOn(loop_.executor(), condition);
  }
  void LoseSession() override {
    OnLoop([this] { channel_.reset(); });
  }

 private:
  LoopThread loop_;
  ScriptedMetrics metrics_{script};
  ScriptedTasks tasks_{script};
  DeviceListener listener_{{&metrics_, &tasks_}};
  std::shared_ptr<grpc::Channel> channel_ =
      NewChannel(listener_.address(), MutualTls(listener_.NewIdentity()), nullptr);
  std::unique_ptr<GrpcMetricsClient> client_ =
      std::make_unique<GrpcMetricsClient>([this] { return channel_; }, loop_.executor());
};

struct SubjectKind {
  const char* name;
  std::unique_ptr<Subject> (*make)();
};

class MetricsClientContract : public testing::TestWithParam<SubjectKind> {
 protected:
  MetricsClientContract() : subject_(GetParam().make()) {}

  void Upload(const std::string& report) {
    subject_->OnLoop([&] {
      v1::UploadRequest request;
      request.set_report(report);
      subject_->client().Upload(request,
                                [this](const auto& answer) { uploaded_.push_back(answer); });
      EXPECT_TRUE(uploaded_.empty());  // never at once
    });
  }
  void Ask() {
    subject_->OnLoop([&] {
      v1::GetHealthTasksRequest request;
      request.set_schema_version(7);
      subject_->client().GetHealthTasks(request,
                                        [this](const auto& answer) { told_.push_back(answer); });
    });
  }
  bool AwaitUpload() {
    return subject_->Await([this] { return !uploaded_.empty(); });
  }

  // Touched on the loop alone.
  std::vector<StatusOr<v1::UploadResponse>> uploaded_;
  std::vector<StatusOr<v1::GetHealthTasksResponse>> told_;
  std::unique_ptr<Subject> subject_;
};

TEST_P(MetricsClientContract, HandsTheReportOverAndTheAnswerBack) {
  subject_->script.result = v1::UPLOAD_RESULT_TOO_LATE;
  Upload(std::string("\0sealed\xff", 8));
  ASSERT_TRUE(AwaitUpload());
  ASSERT_TRUE(uploaded_[0].ok()) << uploaded_[0].status();
  EXPECT_EQ(v1::UPLOAD_RESULT_TOO_LATE, uploaded_[0]->result());
  ASSERT_EQ(1U, subject_->script.uploads.size());
  EXPECT_EQ(std::string("\0sealed\xff", 8), subject_->script.uploads[0]);
}

TEST_P(MetricsClientContract, AsksWithItsSchemaAndHandsTasksBack) {
  subject_->script.tasks.add_task_configurations("one");
  subject_->script.tasks.set_leader_identity("key");
  Ask();
  ASSERT_TRUE(subject_->Await([this] { return !told_.empty(); }));
  ASSERT_TRUE(told_[0].ok()) << told_[0].status();
  EXPECT_EQ("one", told_[0]->task_configurations(0));
  EXPECT_EQ("key", told_[0]->leader_identity());
  EXPECT_EQ(7U, subject_->script.schema_version);
}

TEST_P(MetricsClientContract, TellsTheControllersErrors) {
  subject_->script.error = InvalidArgument("no report of this task");
  Upload("x");
  ASSERT_TRUE(AwaitUpload());
  EXPECT_EQ(StatusCode::kInvalidArgument, uploaded_[0].status().code());
  EXPECT_EQ("no report of this task", MessageOf(uploaded_[0].status()));
}

TEST_P(MetricsClientContract, WithoutASessionItIsUnavailable) {
  subject_->LoseSession();
  Upload("x");
  ASSERT_TRUE(AwaitUpload());
  EXPECT_EQ(StatusCode::kUnavailable, uploaded_[0].status().code());
}

TEST_P(MetricsClientContract, SaysNothingAfterCancel) {
  subject_->OnLoop([&] {
    v1::UploadRequest request;
    request.set_report("x");
    subject_->client().Upload(request, [this](const auto& answer) { uploaded_.push_back(answer); });
    subject_->client().Cancel();
  });
  Ask();  // and goes on working
  ASSERT_TRUE(subject_->Await([this] { return !told_.empty(); }));
  EXPECT_TRUE(uploaded_.empty());
}

template <typename Kind>
std::unique_ptr<Subject> Make() {
  return std::make_unique<Kind>();
}

INSTANTIATE_TEST_SUITE_P(Clients, MetricsClientContract,
                         testing::Values(SubjectKind{"Fake", &Make<FakeSubject>},
                                         SubjectKind{"Grpc", &Make<GrpcSubject>}),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace flotilla::agent
