// What every SessionTransport (agent/session/session_transport.h) keeps: the fake over memory, the
// real one over mutual TLS to a controller that does as the test says.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "agent/session/grpc_session_transport.h"
#include "base/loop_thread.h"
#include "base/reason_trailer.h"
#include "base/retry_after.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/session.grpc.pb.h"
#include "tests/support/device_listener.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_session_transport.h"
#include "tests/support/on_loop.h"

namespace flotilla::agent {
namespace {

// A transport, its loop, and the controller at its other end.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual SessionTransport& transport() = 0;
  // Runs `task` on the loop and returns when it has run.
  virtual void OnLoop(const std::function<void()>& task) = 0;
  // True as soon as `condition`, asked on the loop, is; false when it stays away.
  virtual bool Await(const std::function<bool()>& condition) = 0;

  // The controller's end of the newest session.
  virtual std::size_t Received() = 0;
  virtual v1::SessionRequest Received(std::size_t index) = 0;
  virtual void Respond(const v1::SessionResponse& message) = 0;
  virtual void End(const Status& status) = 0;
  virtual void BecomeUnreachable() = 0;

 protected:
  Subject() = default;
  Subject(const Subject&) = default;
  Subject& operator=(const Subject&) = default;
};

class FakeSubject final : public Subject {
 public:
  SessionTransport& transport() override { return transport_; }
  void OnLoop(const std::function<void()>& task) override {
    task();
    executor_.RunReady();
  }
  bool Await(const std::function<bool()>& condition) override {
    executor_.RunReady();
    return condition();
  }
  std::size_t Received() override { return transport_.sent().size(); }
  v1::SessionRequest Received(std::size_t index) override { return transport_.sent().at(index); }
  void Respond(const v1::SessionResponse& message) override { transport_.Deliver(message); }
  void End(const Status& status) override { transport_.End(status); }
  void BecomeUnreachable() override { transport_.Cut(); }

 private:
  FakeExecutor executor_;
  FakeSessionTransport transport_{executor_};
};

// One session as the controller sees it. Owns itself until OnDone.
class ScriptedSession final
    : public grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionResponse> {
 public:
  static std::shared_ptr<ScriptedSession> Open(grpc::CallbackServerContext& context) {
    auto session = std::make_shared<ScriptedSession>(context);
    session->self_ = session;
    session->StartRead(&session->reading_);
    return session;
  }
  explicit ScriptedSession(grpc::CallbackServerContext& context) : context_(context) {}

  std::vector<v1::SessionRequest> Received() {
    const std::scoped_lock lock(mutex_);
    return received_;
  }
  void Respond(const v1::SessionResponse& message) {
    std::unique_lock lock(mutex_);
    if (ended_) {
      return;
    }
    writing_ = true;
    outgoing_ = message;
    StartWrite(&outgoing_);
    written_.wait(lock, [this] { return !writing_; });
  }
  void End(const Status& status) {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(ended_, true)) {
      return;
    }
    if (const std::string reason = ReasonTrailerValue(status); !reason.empty()) {
      context_.AddTrailingMetadata(kReasonTrailer, reason);
    }
    context_.AddTrailingMetadata(kRetryAfterTrailer, RetryAfterTrailerValue(status));
    Finish(grpc::Status(static_cast<grpc::StatusCode>(status.code()), MessageOf(status)));
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      End(OkStatus());
      return;
    }
    const std::scoped_lock lock(mutex_);
    received_.push_back(reading_);
    if (!ended_) {
      StartRead(&reading_);
    }
  }
  void OnWriteDone(bool /*ok*/) override {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    written_.notify_all();
  }
  void OnDone() override { const auto last = std::move(self_); }

 private:
  grpc::CallbackServerContext& context_;
  v1::SessionRequest reading_;
  v1::SessionResponse outgoing_;
  std::mutex mutex_;
  std::condition_variable written_;
  std::vector<v1::SessionRequest> received_;
  bool writing_ = false;
  bool ended_ = false;
  std::shared_ptr<ScriptedSession> self_;
};

class ScriptedController final : public v1::DeviceService::CallbackService {
 public:
  grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionResponse>* Session(
      grpc::CallbackServerContext* context) override {
    const std::scoped_lock lock(mutex_);
    newest_ = ScriptedSession::Open(*context);
    return newest_.get();
  }
  std::shared_ptr<ScriptedSession> newest() {
    const std::scoped_lock lock(mutex_);
    return newest_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<ScriptedSession> newest_;
};

class GrpcSubject final : public Subject {
 public:
  GrpcSubject() = default;
  ~GrpcSubject() override {
    OnLoop([this] { transport_.Close(); });
    BecomeUnreachable();
  }
  GrpcSubject(const GrpcSubject&) = delete;
  GrpcSubject& operator=(const GrpcSubject&) = delete;

  SessionTransport& transport() override { return transport_; }
  void OnLoop(const std::function<void()>& task) override { RunOn(loop_.executor(), task); }
  bool Await(const std::function<bool()>& condition) override {
    return AwaitOn(loop_.executor(), condition);
  }
  std::size_t Received() override {
    const auto session = controller_.newest();
    return session == nullptr ? 0 : session->Received().size();
  }
  v1::SessionRequest Received(std::size_t index) override {
    return controller_.newest()->Received().at(index);
  }
  void Respond(const v1::SessionResponse& message) override {
    controller_.newest()->Respond(message);
  }
  void End(const Status& status) override { controller_.newest()->End(status); }
  void BecomeUnreachable() override { listener_.Stop(); }

 private:
  LoopThread loop_;
  ScriptedController controller_;
  DeviceListener listener_{{&controller_}};
  GrpcSessionTransport transport_{listener_.address(), listener_.NewIdentity(), loop_.executor()};
};

// Touched on the loop only.
class Recorder final : public SessionHandler {
 public:
  void OnMessage(const v1::SessionResponse& message) override { messages.push_back(message); }
  void OnClosed(const Status& status) override { closed.push_back(status); }

  std::vector<v1::SessionResponse> messages;
  std::vector<Status> closed;
};

struct SubjectKind {
  const char* name;
  std::unique_ptr<Subject> (*make)();
};

class SessionTransportContract : public testing::TestWithParam<SubjectKind> {
 protected:
  SessionTransportContract() : subject_(GetParam().make()) {}
  void TearDown() override {
    subject_->OnLoop([this] { subject_->transport().Close(); });
  }

  void Open(Recorder& handler) {
    subject_->OnLoop([&] { subject_->transport().Open(handler); });
  }
  void SendReport(std::uint64_t seq) {
    v1::SessionRequest request;
    request.mutable_report()->set_seq(seq);
    subject_->OnLoop([&] { subject_->transport().Send(request); });
  }
  // Opens a session that the controller has seen.
  void OpenWhole(Recorder& handler) {
    Open(handler);
    SendReport(++last_seq_);
    ASSERT_TRUE(subject_->Await([this] {
      return subject_->Received() == 1 && subject_->Received(0).report().seq() == last_seq_;
    }));
  }
  bool AwaitClosed(const Recorder& handler) {
    return subject_->Await([&] { return !handler.closed.empty(); });
  }
  static v1::SessionResponse Desired(std::uint64_t generation) {
    v1::SessionResponse message;
    message.mutable_desired_state()->set_generation(generation);
    return message;
  }

  Recorder handler_;
  Recorder other_;
  std::uint64_t last_seq_ = 0;
  std::unique_ptr<Subject> subject_;
};

TEST_P(SessionTransportContract, MessagesSentAtOnceArriveInTheirOrder) {
  Open(handler_);
  for (std::uint64_t seq = 1; seq <= 20; ++seq) {
    SendReport(seq);
  }
  ASSERT_TRUE(subject_->Await([this] { return subject_->Received() == 20; }));
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(i + 1, subject_->Received(i).report().seq());
  }
}

TEST_P(SessionTransportContract, HandsTheControllersMessagesOverInTheirOrder) {
  OpenWhole(handler_);
  for (std::uint64_t generation = 1; generation <= 5; ++generation) {
    subject_->Respond(Desired(generation));
  }
  ASSERT_TRUE(subject_->Await([this] { return handler_.messages.size() == 5; }));
  EXPECT_EQ(1U, handler_.messages[0].desired_state().generation());
  EXPECT_EQ(5U, handler_.messages[4].desired_state().generation());
}

TEST_P(SessionTransportContract, TellsOnceWhyTheControllerEndedIt) {
  OpenWhole(handler_);
  subject_->End(WithReason(PermissionDenied("not here"), v1::FAILURE_REASON_CONTROL_NOT_ALLOWED));
  ASSERT_TRUE(AwaitClosed(handler_));
  SendReport(99);
  subject_->OnLoop([] {});
  ASSERT_EQ(1U, handler_.closed.size());
  EXPECT_EQ(StatusCode::kPermissionDenied, handler_.closed[0].code());
  EXPECT_EQ(v1::FAILURE_REASON_CONTROL_NOT_ALLOWED, ReasonNumber(handler_.closed[0]));
}

TEST_P(SessionTransportContract, TellsForHowLongTheControllerAsksToBeLeftAlone) {
  OpenWhole(handler_);
  subject_->End(WithRetryAfter(Unavailable("it restarts"), absl::Milliseconds(2500)));
  ASSERT_TRUE(AwaitClosed(handler_));
  EXPECT_EQ(RetryAfterOf(handler_.closed[0]), absl::Milliseconds(2500));
}

TEST_P(SessionTransportContract, AnEndWithoutAnErrorIsUnavailable) {
  OpenWhole(handler_);
  subject_->End(OkStatus());
  ASSERT_TRUE(AwaitClosed(handler_));
  EXPECT_EQ(StatusCode::kUnavailable, handler_.closed[0].code());
}

TEST_P(SessionTransportContract, SaysNothingAfterClose) {
  OpenWhole(handler_);
  subject_->OnLoop([this] { subject_->transport().Close(); });
  subject_->End(Unavailable("too late"));
  OpenWhole(other_);
  EXPECT_TRUE(handler_.closed.empty());
  EXPECT_TRUE(handler_.messages.empty());
}

TEST_P(SessionTransportContract, ANewSessionEndsTheOldOneWithoutAWord) {
  OpenWhole(handler_);
  OpenWhole(other_);
  subject_->Respond(Desired(7));
  ASSERT_TRUE(subject_->Await([this] { return other_.messages.size() == 1; }));
  EXPECT_TRUE(handler_.messages.empty());
  EXPECT_TRUE(handler_.closed.empty());
}

TEST_P(SessionTransportContract, DropsWhatIsSentWithoutASession) {
  SendReport(99);
  OpenWhole(handler_);
  EXPECT_EQ(1U, subject_->Received(0).report().seq());
}

TEST_P(SessionTransportContract, AControllerThatGoesAwayIsUnavailable) {
  OpenWhole(handler_);
  subject_->BecomeUnreachable();
  ASSERT_TRUE(AwaitClosed(handler_));
  EXPECT_EQ(StatusCode::kUnavailable, handler_.closed[0].code());
  Open(other_);
  ASSERT_TRUE(AwaitClosed(other_));
  EXPECT_EQ(StatusCode::kUnavailable, other_.closed[0].code());
}

template <typename Kind>
std::unique_ptr<Subject> Make() {
  return std::make_unique<Kind>();
}

INSTANTIATE_TEST_SUITE_P(Transports, SessionTransportContract,
                         testing::Values(SubjectKind{"Fake", &Make<FakeSubject>},
                                         SubjectKind{"Grpc", &Make<GrpcSubject>}),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace flotilla::agent
