#include "agent/engine/line_engines.h"

#include <algorithm>
#include <array>
#include <utility>

#include "agent/engine/release_files.h"
#include "base/log.h"

namespace flotilla::agent {

// Ties a child's events to its number.
class LineEngines::ChildLink final : public EngineChildHandler {
 public:
  ChildLink(LineEngines& owner, std::uint64_t id) : owner_(owner), id_(id) {}

  void OnEvent(const v1::EngineEvent& event) override { owner_.OnEvent(id_, event); }
  void OnExit(const EngineExit& exit) override { owner_.OnExit(id_, exit); }

  std::unique_ptr<EngineChild> child;

 private:
  LineEngines& owner_;
  const std::uint64_t id_;
};

LineEngines::LineEngines(std::string line, const LineMachineOptions& options,
                         EngineSupervisor::Parts& parts, std::function<void()> on_refusal)
    : line_(std::move(line)),
      options_(options),
      parts_(parts),
      machine_(options, parts.fits_beside),
      health_(line_, parts.health),
      on_refusal_(std::move(on_refusal)) {}

LineEngines::~LineEngines() {
  if (timer_.has_value()) {
    parts_.executor.Cancel(*timer_);
  }
}

void LineEngines::Run(const v1::ActiveRecord& active, const TrialTerms& terms,
                      EngineListener& listener) {
  listener_ = &listener;
  health_.Commit(active.current().ref().sha256());
  Carry(machine_.Run(active, terms, Now()));
}

void LineEngines::Renew() {
  Carry(machine_.Renew(Now()));
}

void LineEngines::EnterSafeMode(v1::FailureReason cause) {
  LogError("engine.safe_mode", {{"line", line_}, {"cause", v1::FailureReason_Name(cause)}});
  health_.Commit("");
  Carry(machine_.EnterSafeMode(cause, Now()));
  SetRefusal(true);
}

void LineEngines::Stop(const v1::InstalledRelease& release, StandIn stand_in,
                       v1::FailureReason cause, EngineListener& listener) {
  LogWarning("engine.stopped", {{"line", line_},
                                {"version", release.ref().version()},
                                {"cause", v1::FailureReason_Name(cause)}});
  listener_ = &listener;
  health_.Commit("");
  Carry(machine_.Stop(release, stand_in, cause, Now()));
}

void LineEngines::EndDraining(EngineListener& listener) {
  listener_ = &listener;
  Carry(machine_.EndDraining());
}

void LineEngines::SetRefusal(bool refuses) {
  if (std::exchange(refuses_, refuses) != refuses) {
    on_refusal_();
  }
}

void LineEngines::Park(std::function<void()> done) {
  parked_ = std::move(done);
  Carry(machine_.Park(Now()));
}

void LineEngines::Unpark() {
  Carry(machine_.Unpark(Now()));
}

v1::LineCondition LineEngines::Condition() const {
  v1::LineCondition condition;
  condition.set_line(line_);
  condition.set_engine(machine_.condition());
  condition.set_cause(machine_.cause());
  return condition;
}

void LineEngines::OnEvent(std::uint64_t id, const v1::EngineEvent& event) {
  health_.OnEvent(id, event);
  switch (event.event_case()) {
    case v1::EngineEvent::kLoaded:
      Carry(machine_.OnLoaded(id, Now()));
      break;
    case v1::EngineEvent::kServing:
      Carry(machine_.OnServing(id, Now()));
      break;
    case v1::EngineEvent::kStats:
      Carry(machine_.OnStats(id, event.stats().requests_total(), Now()));
      break;
    case v1::EngineEvent::kFailed:
      LogWarning("engine.failed", {{"line", line_},
                                   {"reason", v1::FailureReason_Name(event.failed().reason())},
                                   {"text", event.failed().diagnostic()}});
      Carry(machine_.OnFailed(id, event.failed().reason(), Now()));
      break;
    case v1::EngineEvent::kSelfTestDone:
    case v1::EngineEvent::kRequestDone:
    case v1::EngineEvent::kOutcome:
    case v1::EngineEvent::EVENT_NOT_SET:
      break;
  }
}

void LineEngines::OnExit(std::uint64_t id, const EngineExit& exit) {
  LogInfo("engine.exited",
          {{"line", line_}, {"engine", id}, {"code", exit.code}, {"signal", exit.signal}});
  health_.OnExited(id, exit);
  // The link is in use by the caller: it goes after this task.
  if (const auto link = children_.find(id); link != children_.end()) {
    parts_.executor.Post([gone = std::shared_ptr<ChildLink>(std::move(link->second))] {});
    children_.erase(link);
  }
  Carry(machine_.OnExited(id, Now()));
}

void LineEngines::Carry(const LineActions& actions) {
  for (const LineAction& action : actions) {
    std::visit([this](const auto& step) { Do(step); }, action);
  }
  ArmTimer();
  TellCondition();
}

void LineEngines::Do(const LaunchEngine& action) {
  if (action.trial && listener_ != nullptr) {
    if (const Status counted = listener_->BeforeTrialStart(line_); !counted.ok()) {
      LogStatus(LogLevel::kError, "engine.trial_refused", counted);
      Carry(machine_.OnStartRefused(action.id,
                                    static_cast<v1::FailureReason>(ReasonNumber(counted))));
      return;
    }
  }
  if (const Status status = Launch(action); !status.ok()) {
    LogStatus(LogLevel::kError, "engine.start_failed", status);
    health_.OnStartFailed(action.release.ref().sha256(), status);
    parts_.executor.Post([this, id = action.id, alive = std::weak_ptr<int>(alive_)] {
      if (!alive.expired()) {
        children_.erase(id);
        Carry(machine_.OnExited(id, Now()));
      }
    });
  }
}

Status LineEngines::Launch(const LaunchEngine& action) {
  const v1::InstalledRelease& release = action.release;
  FLOTILLA_ASSIGN_OR_RETURN(const OpenRelease opened, action.answers_fixed
                                                          ? FixedAnswer(release)
                                                          : OpenForEngine(release, parts_.store));
  auto link = std::make_unique<ChildLink>(*this, action.id);
  FLOTILLA_ASSIGN_OR_RETURN(link->child, parts_.launcher.Launch(*link));
  LogInfo("engine.started", {{"line", line_},
                             {"engine", action.id},
                             {"version", release.ref().version()},
                             {"pid", link->child->pid()}});
  EngineChild& child = *link->child;
  health_.OnStarted(action.id, action.answers_fixed ? "" : release.ref().sha256(), child.pid());
  children_[action.id] = std::move(link);
  child.Send(opened.load, opened.descriptors()).IgnoreError();  // a child that is gone says so
  return OkStatus();
}

void LineEngines::Do(const HandOverSockets& action) {
  SetRefusal(false);  // whoever connects now waits for the engine
  if (const Status status = HandOver(action.id); !status.ok()) {
    LogStatus(LogLevel::kError, "engine.hand_over_failed", status);
    Do(KillEngine{action.id, KillCause::kOverdue});
  }
}

Status LineEngines::HandOver(std::uint64_t id) {
  const auto link = children_.find(id);
  if (link == children_.end()) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const int line_fd, parts_.sockets.LineFd(line_));
  v1::EngineCommand command;
  v1::EngineServe& serve = *command.mutable_serve();
  serve.set_tcp_listeners(1);
  for (const auto& [line, path] : parts_.sockets.Paths()) {
    if (line != line_) {
      (*serve.mutable_sibling_sockets())[line] = path;
    }
  }
  const std::array<int, 2> descriptors = {parts_.sockets.tcp_fd(), line_fd};
  return link->second->child->Send(command, descriptors);
}

void LineEngines::Do(const DrainEngine& action) {
  const auto link = children_.find(action.id);
  if (link == children_.end()) {
    return;
  }
  health_.OnDrainAsked(action.id);
  v1::EngineCommand command;
  command.mutable_drain()->set_grace_ms(
      static_cast<std::uint32_t>(absl::ToInt64Milliseconds(options_.drain_grace)));
  link->second->child->Send(command, {}).IgnoreError();  // gone already: drained
}

void LineEngines::Do(const KillEngine& action) {
  if (const auto link = children_.find(action.id); link != children_.end()) {
    health_.OnKilled(action.id, action.cause);
    link->second->child->Kill();
  }
}

void LineEngines::Do(const TellServing& /*action*/) {
  LogInfo("engine.serving", {{"line", line_}});
  Tell([line = line_](EngineListener& listener) { listener.OnServing(line); });
}

void LineEngines::Do(const TellTrialPassed& /*action*/) {
  Tell([line = line_](EngineListener& listener) { listener.OnTrialPassed(line); });
}

void LineEngines::Do(const TellReleaseBad& action) {
  LogError("engine.release_bad",
           {{"line", line_}, {"reason", v1::FailureReason_Name(action.reason)}});
  Tell([line = line_, reason = action.reason](EngineListener& listener) {
    listener.OnReleaseBad(line, reason);
  });
}

void LineEngines::Do(const TellParked& /*action*/) {
  if (parked_) {
    std::exchange(parked_, nullptr)();
  }
}

void LineEngines::Do(const TellStopped& /*action*/) {
  Tell([line = line_](EngineListener& listener) { listener.OnStopped(line); });
}

void LineEngines::Do(const RefuseClients& /*action*/) {
  refuses_ = true;  // with a cause that may be another than before
  on_refusal_();
}

void LineEngines::Tell(std::function<void(EngineListener&)> what) {
  parts_.executor.Post([this, what = std::move(what), alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired() && listener_ != nullptr) {
      what(*listener_);
    }
  });
}

void LineEngines::TellCondition() {
  if (std::exchange(told_, machine_.condition()) != machine_.condition()) {
    Tell([](EngineListener& listener) { listener.OnConditionChanged(); });
  }
}

void LineEngines::ArmTimer() {
  if (timer_.has_value()) {
    parts_.executor.Cancel(*timer_);
    timer_.reset();
  }
  const std::optional<Duration> deadline = machine_.Deadline();
  if (!deadline.has_value()) {
    return;
  }
  const Duration delay = std::max(*deadline - Now(), absl::Milliseconds(1));
  timer_ = parts_.executor.PostAfter(delay, [this] {
    timer_.reset();
    Carry(machine_.OnTick(Now()));
  });
}

}  // namespace flotilla::agent
