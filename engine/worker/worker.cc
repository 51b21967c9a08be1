#include "engine/worker/worker.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"

#include "engine/worker/model_routes.h"
#include "engine/worker/static_engine.h"

namespace flotilla::engine {
namespace {

constexpr Duration kStatsEvery = absl::Seconds(1);
constexpr Duration kPoll = absl::Milliseconds(20);
constexpr Duration kDefaultSelfTest = absl::Seconds(120);
constexpr std::size_t kMaxDiagnosticBytes = 2048;
constexpr int kMaxSiblings = 32;

v1::EngineEvent DoneEvent(const SelfTestResult& result) {
  v1::EngineEvent event;
  v1::EngineSelfTestDone& done = *event.mutable_self_test_done();
  done.mutable_score()->set_correct(result.correct);
  done.mutable_score()->set_total(result.total);
  done.set_decode_tokens_per_kilosecond(
      static_cast<std::uint64_t>(result.tokens_per_second * 1000.0));
  done.set_elapsed_ms(static_cast<std::uint32_t>(absl::ToInt64Milliseconds(result.elapsed)));
  return event;
}

v1::EngineEvent FailedEvent(const Status& status) {
  v1::EngineEvent event;
  const int reason = ReasonNumber(status);
  if (v1::FailureReason_IsValid(reason)) {
    event.mutable_failed()->set_reason(static_cast<v1::FailureReason>(reason));
  }
  event.mutable_failed()->set_diagnostic(
      (CodeName(status.code()) + ": " + MessageOf(status)).substr(0, kMaxDiagnosticBytes));
  return event;
}

Status OutOfOrder(const std::string& what) {
  return Internal("the agent's commands are out of order: " + what);
}

}  // namespace

Worker::Worker(ControlChannel channel, ModelLoader loader, Clock& clock, Random& random)
    : channel_(std::move(channel)), loader_(std::move(loader)), clock_(clock), random_(random) {}

Worker::~Worker() = default;

int Worker::Run() {
  for (;;) {
    const StatusOr<Step> step = RunOnce();
    if (!step.ok()) {
      ReportFailure(step.status());
      return 1;
    }
    if (*step != Step::kGoOn) {
      return *step == Step::kExit ? 0 : 1;
    }
  }
}

StatusOr<Worker::Step> Worker::RunOnce() {
  StatusOr<ControlMessage> message = channel_.Receive(NextWait());
  if (message.ok()) {
    FLOTILLA_RETURN_IF_ERROR(Handle(*message));
  } else if (message.status().code() == StatusCode::kUnavailable) {
    LogInfo("engine.agent_gone");
    return Step::kExit;
  } else if (message.status().code() != StatusCode::kDeadlineExceeded) {
    return message.status();
  }
  // Before its mail is taken: nothing comes after that.
  const bool drained = draining_ && server_->drained();
  FLOTILLA_RETURN_IF_ERROR(SendMail());
  if (server_ != nullptr && clock_.Monotonic() >= next_stats_) {
    next_stats_ = clock_.Monotonic() + kStatsEvery;
    FLOTILLA_RETURN_IF_ERROR(SendStats());
  }
  if (self_test_failed_) {
    return Step::kFailed;
  }
  if (drained) {
    LogInfo("engine.drained");
    return Step::kExit;
  }
  return Step::kGoOn;
}

Duration Worker::NextWait() {
  if (server_ == nullptr) {
    return self_test_.joinable() ? kPoll : absl::InfiniteDuration();
  }
  const Duration stats = std::max(next_stats_ - clock_.Monotonic(), absl::ZeroDuration());
  return draining_ ? std::min(stats, kPoll) : stats;
}

Status Worker::Handle(ControlMessage& message) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto command, ParseAs<v1::EngineCommand>(message));
  switch (command.command_case()) {
    case v1::EngineCommand::kLoad:
      return Load(command.load(), message);
    case v1::EngineCommand::kSelfTest:
      return SelfTest(command.self_test(), message);
    case v1::EngineCommand::kServe:
      return Serve(command.serve(), message);
    case v1::EngineCommand::kDrain:
      return Drain(command.drain());
    case v1::EngineCommand::COMMAND_NOT_SET:
      break;
  }
  return OutOfOrder("unknown");
}

Status Worker::Load(const v1::EngineLoad& command, ControlMessage& message) {
  const bool has_model = command.static_answer().empty();
  const std::size_t files = has_model ? 1 + static_cast<std::size_t>(command.adapters_size()) +
                                            (command.chat_template_sha256().empty() ? 0 : 1)
                                      : 0;
  if (engine_ != nullptr || message.descriptors.size() != files) {
    return OutOfOrder("load");
  }
  const Duration start = clock_.Monotonic();
  model_ = command;
  if (has_model) {
    FLOTILLA_ASSIGN_OR_RETURN(engine_, loader_(std::move(message.descriptors), command));
  } else {
    engine_ = std::make_unique<StaticEngine>(command.static_answer());
  }
  queue_ = std::make_unique<GenerationQueue>(*engine_, kWaitingRequests);
  const std::int64_t millis = absl::ToInt64Milliseconds(clock_.Monotonic() - start);
  LogInfo("engine.loaded", {{"model", model_.model_id()}, {"ms", millis}});
  v1::EngineEvent event;
  event.mutable_loaded()->set_llama_version(engine_->info().engine_version);
  event.mutable_loaded()->set_load_ms(static_cast<std::uint32_t>(millis));
  event.mutable_loaded()->set_parameters(engine_->info().parameters);
  return Send(event);
}

Status Worker::SelfTest(const v1::EngineSelfTest& command, ControlMessage& message) {
  if (queue_ == nullptr || message.descriptors.size() != 1) {
    return OutOfOrder("self_test");
  }
  const Duration timeout =
      command.timeout_ms() == 0 ? kDefaultSelfTest : absl::Milliseconds(command.timeout_ms());
  const Role role = server_ == nullptr ? Role::kCandidate : Role::kServing;
  self_test_ = std::jthread([this, golden = std::move(message.descriptors.front()), timeout,
                             role](const std::stop_token& stop) {
    const StatusOr<SelfTestResult> result = TestWith(golden.get(), timeout, stop);
    if (!stop.stop_requested()) {
      ReportSelfTest(result, role);
    }
  });
  return OkStatus();
}

StatusOr<SelfTestResult> Worker::TestWith(int golden, Duration timeout,
                                          const std::stop_token& stop) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto prompts, ReadGolden(golden));
  return RunSelfTest(*queue_, prompts, timeout, clock_, stop);
}

// Before Serve a failed self-test ends the child. A child that serves goes on serving and answers
// with a score of 0 of 0: the prompts are another release's and prove nothing about this one.
void Worker::ReportSelfTest(const StatusOr<SelfTestResult>& result, Role role) {
  if (result.ok()) {
    static_cast<void>(Send(DoneEvent(*result)));
    return;
  }
  LogStatus(LogLevel::kWarning, "engine.self_test_failed", result.status());
  if (role == Role::kServing) {
    static_cast<void>(Send(DoneEvent(SelfTestResult())));
    return;
  }
  static_cast<void>(
      Send(FailedEvent(WithReason(result.status(), v1::FAILURE_REASON_INSTALL_SMOKE_FAILED))));
  self_test_failed_ = true;
}

Status Worker::Serve(const v1::EngineServe& command, ControlMessage& message) {
  if (queue_ == nullptr || server_ != nullptr ||
      message.descriptors.size() != command.tcp_listeners() + 1 ||
      command.sibling_sockets_size() > kMaxSiblings) {
    return OutOfOrder("serve");
  }
  UniqueFd sibling = std::move(message.descriptors.back());
  message.descriptors.pop_back();
  std::map<std::string, std::string> siblings(command.sibling_sockets().begin(),
                                              command.sibling_sockets().end());
  FLOTILLA_ASSIGN_OR_RETURN(
      server_, HttpServer::Start({*queue_, counters_, mail_, clock_, random_},
                                 ModelRoutes(model_.line(), model_.model_id(), std::move(siblings)),
                                 std::move(message.descriptors), std::move(sibling)));
  next_stats_ = clock_.Monotonic() + kStatsEvery;
  LogInfo("engine.serving", {{"model", model_.model_id()}});
  v1::EngineEvent event;
  event.mutable_serving();
  return Send(event);
}

Status Worker::Drain(const v1::EngineDrain& command) {
  if (server_ == nullptr) {
    return OutOfOrder("drain");
  }
  server_->Drain(absl::Milliseconds(command.grace_ms()));
  draining_ = true;
  return OkStatus();
}

Status Worker::SendStats() {
  v1::EngineEvent event;
  v1::EngineStats& stats = *event.mutable_stats();
  stats.set_requests_total(counters_.requests_total);
  stats.set_requests_failed(counters_.requests_failed);
  stats.set_requests_active(counters_.requests_active);
  stats.set_tokens_decoded(counters_.tokens_decoded);
  const Duration busy = counters_.busy.Total(clock_.Monotonic());
  stats.set_busy_us(static_cast<std::uint64_t>(absl::ToInt64Microseconds(busy)));
  return Send(event);
}

Status Worker::SendMail() {
  for (const v1::EngineEvent& event : mail_.Take()) {
    FLOTILLA_RETURN_IF_ERROR(Send(event));
  }
  return OkStatus();
}

// That the agent is gone is found by Receive, which also reads what it said before.
Status Worker::Send(const v1::EngineEvent& event) const {
  const Status sent = channel_.Send(event);
  return sent.code() == StatusCode::kUnavailable ? OkStatus() : sent;
}

void Worker::ReportFailure(const Status& status) {
  LogStatus(LogLevel::kError, "engine.failed", status);
  static_cast<void>(Send(FailedEvent(status)));
}

}  // namespace flotilla::engine
