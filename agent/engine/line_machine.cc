#include "agent/engine/line_machine.h"

#include <algorithm>
#include <utility>

namespace flotilla::agent {
namespace {

// A device without traffic confirms after so many times the duration.
constexpr int kQuietTrialFactor = 10;

bool SameModel(const v1::InstalledRelease& a, const v1::InstalledRelease& b) {
  return a.ref().sha256() == b.ref().sha256() && a.model_sha256() == b.model_sha256();
}

}  // namespace

LineMachine::LineMachine(const LineMachineOptions& options, FitsBeside fits_beside)
    : options_(options), fits_beside_(std::move(fits_beside)) {}

LineMachine::Children::iterator LineMachine::Find(ChildState state) {
  return std::find_if(children_.begin(), children_.end(),
                      [state](const auto& entry) { return entry.second.state == state; });
}

LineMachine::Children::iterator LineMachine::FindNext() {
  const auto loading = Find(ChildState::kLoading);
  return loading == children_.end() ? Find(ChildState::kHandingOver) : loading;
}

bool LineMachine::IsWanted(const Child& child) const {
  return wanted_.has_value() && SameModel(child.release, *wanted_) && child.edition == edition_ &&
         child.fixed == (stand_in_ == StandIn::kStaticAnswer);
}

LineActions LineMachine::Run(const v1::ActiveRecord& active, const TrialTerms& terms,
                             Duration now) {
  if (!wanted_.has_value() || !SameModel(*wanted_, active.current()) || bad_) {
    crashes_.clear();
    restart_at_.reset();
  }
  wanted_ = active.current();
  stand_in_ = StandIn::kUnspecified;
  trial_ = active.trial();
  terms_ = terms;
  trial_since_.reset();
  bad_ = false;
  safe_mode_ = false;
  cause_ = v1::FAILURE_REASON_UNSPECIFIED;
  LineActions actions;
  const auto serving = Find(ChildState::kServing);
  if (serving != children_.end() && IsWanted(serving->second)) {
    trial_since_ = now;
    actions.push_back(TellServing{});
  }
  Converge(now, actions);
  return actions;
}

LineActions LineMachine::Renew(Duration now) {
  LineActions actions;
  if (Find(ChildState::kServing) != children_.end() ||
      Find(ChildState::kHandingOver) != children_.end()) {
    ++edition_;
    Converge(now, actions);
  }
  return actions;
}

LineActions LineMachine::EnterSafeMode(v1::FailureReason cause, Duration now) {
  LineActions actions;
  wanted_.reset();
  stand_in_ = StandIn::kUnspecified;
  safe_mode_ = true;
  cause_ = cause;
  DropNext(actions);
  if (const auto serving = Find(ChildState::kServing); serving != children_.end()) {
    Drain(serving, now, actions);
  }
  return actions;
}

LineActions LineMachine::Stop(const v1::InstalledRelease& release, StandIn stand_in,
                              v1::FailureReason cause, Duration now) {
  LineActions actions;
  for (auto& [id, child] : children_) {
    child.state = ChildState::kDraining;
    child.deadline = absl::InfiniteDuration();
    child.stopped = true;
    actions.push_back(KillEngine{id, KillCause::kNotNeeded});
  }
  stop_told_ = false;
  stand_in_ = stand_in;
  wanted_.reset();
  if (stand_in == StandIn::kStaticAnswer) {
    wanted_ = release;
  }
  trial_ = false;
  trial_since_.reset();
  bad_ = false;
  safe_mode_ = false;
  cause_ = cause;
  crashes_.clear();
  restart_at_.reset();
  if (stand_in == StandIn::kRefusal) {
    actions.push_back(RefuseClients{});
  }
  TellIfStopped(actions);
  Converge(now, actions);
  return actions;
}

LineActions LineMachine::EndDraining() {
  LineActions actions;
  for (auto& [id, child] : children_) {
    if (child.state == ChildState::kDraining) {
      child.deadline = absl::InfiniteDuration();
      child.stopped = true;
      actions.push_back(KillEngine{id, KillCause::kNotNeeded});
    }
  }
  stop_told_ = false;
  TellIfStopped(actions);
  return actions;
}

void LineMachine::TellIfStopped(LineActions& actions) {
  const bool gone = std::none_of(children_.begin(), children_.end(),
                                 [](const auto& entry) { return entry.second.stopped; });
  if (!stop_told_ && gone) {
    stop_told_ = true;
    actions.push_back(TellStopped{});
  }
}

LineActions LineMachine::Park(Duration now) {
  LineActions actions;
  parked_ = true;
  DropNext(actions);
  if (const auto serving = Find(ChildState::kServing); serving != children_.end()) {
    Drain(serving, now, actions);
  }
  TellIfParked(actions);
  return actions;
}

LineActions LineMachine::Unpark(Duration now) {
  LineActions actions;
  parked_ = false;
  Converge(now, actions);
  return actions;
}

void LineMachine::TellIfParked(LineActions& actions) {
  if (parked_ && children_.empty()) {
    actions.push_back(TellParked{});
  }
}

// Kills a child that is on its way to serve. False: there was none.
bool LineMachine::DropNext(LineActions& actions) {
  const auto next = FindNext();
  if (next == children_.end()) {
    return false;
  }
  next->second.state = ChildState::kDraining;
  actions.push_back(KillEngine{next->first});
  return true;
}

void LineMachine::Drain(Children::iterator child, Duration now, LineActions& actions) {
  child->second.state = ChildState::kDraining;
  child->second.deadline = now + options_.drain_grace + options_.drain_kill;
  actions.push_back(DrainEngine{child->first});
}

// True when the wanted engine may start now. Otherwise the old one is on its way out.
bool LineMachine::MakeRoom(Duration now, LineActions& actions) {
  if (children_.empty() || stand_in_ == StandIn::kStaticAnswer || fits_beside_(*wanted_)) {
    return true;
  }
  if (const auto serving = Find(ChildState::kServing); serving != children_.end()) {
    Drain(serving, now, actions);
  }
  return false;
}

void LineMachine::Converge(Duration now, LineActions& actions) {
  if (parked_ || bad_ || !wanted_.has_value()) {
    return;
  }
  const auto serving = Find(ChildState::kServing);
  const bool serves = serving != children_.end() && IsWanted(serving->second);
  const auto next = FindNext();
  if (next != children_.end() && (serves || !IsWanted(next->second))) {
    DropNext(actions);
  } else if (next != children_.end()) {
    return;
  }
  if (serves || (restart_at_.has_value() && now < *restart_at_) || !MakeRoom(now, actions)) {
    return;
  }
  restart_at_.reset();
  Child child;
  child.state = ChildState::kLoading;
  child.release = *wanted_;
  child.edition = edition_;
  child.fixed = stand_in_ == StandIn::kStaticAnswer;
  child.deadline = now + options_.load_timeout;
  const std::uint64_t id = next_id_++;
  children_[id] = child;
  actions.push_back(LaunchEngine{id, *wanted_, trial_, child.fixed});
}

LineActions LineMachine::OnLoaded(std::uint64_t id, Duration now) {
  const auto child = children_.find(id);
  if (child == children_.end() || child->second.state != ChildState::kLoading) {
    return {};
  }
  child->second.state = ChildState::kHandingOver;
  child->second.deadline = now + options_.silence;
  return {HandOverSockets{id}};
}

LineActions LineMachine::OnServing(std::uint64_t id, Duration now) {
  const auto child = children_.find(id);
  if (child == children_.end() || child->second.state != ChildState::kHandingOver) {
    return {};
  }
  LineActions actions;
  if (const auto old = Find(ChildState::kServing); old != children_.end()) {
    Drain(old, now, actions);
  }
  child->second.state = ChildState::kServing;
  child->second.deadline = now + options_.silence;
  trial_since_ = now;
  if (child->second.fixed) {
    return actions;  // why it answers so stays; nobody waits for it to serve
  }
  cause_ = v1::FAILURE_REASON_UNSPECIFIED;
  actions.push_back(TellServing{});
  CheckTrial(now, actions);
  return actions;
}

LineActions LineMachine::OnStats(std::uint64_t id, std::uint64_t requests_total, Duration now) {
  const auto child = children_.find(id);
  if (child == children_.end() || child->second.state != ChildState::kServing) {
    return {};
  }
  child->second.deadline = now + options_.silence;
  child->second.requests = requests_total;
  LineActions actions;
  CheckTrial(now, actions);
  return actions;
}

// How long the trial lasts if no more requests come.
Duration LineMachine::TrialLength() {
  const auto serving = Find(ChildState::kServing);
  const bool enough = serving != children_.end() && serving->second.requests >= terms_.requests;
  return enough ? terms_.duration : terms_.duration * kQuietTrialFactor;
}

void LineMachine::CheckTrial(Duration now, LineActions& actions) {
  const auto serving = Find(ChildState::kServing);
  if (!trial_ || bad_ || !trial_since_.has_value() || serving == children_.end() ||
      !IsWanted(serving->second)) {
    return;
  }
  if (now - *trial_since_ >= TrialLength()) {
    trial_ = false;
    actions.push_back(TellTrialPassed{});
  }
}

LineActions LineMachine::OnFailed(std::uint64_t id, v1::FailureReason reason, Duration /*now*/) {
  if (const auto child = children_.find(id); child != children_.end()) {
    child->second.failure = reason;
  }
  return {};
}

LineActions LineMachine::OnExited(std::uint64_t id, Duration now) {
  const auto child = children_.find(id);
  if (child == children_.end()) {
    return {};
  }
  const bool crashed = child->second.state != ChildState::kDraining && IsWanted(child->second);
  const v1::FailureReason failure = child->second.failure;
  children_.erase(child);
  LineActions actions;
  if (crashed) {
    OnCrash(failure, now, actions);
  }
  TellIfStopped(actions);
  Converge(now, actions);
  TellIfParked(actions);
  return actions;
}

void LineMachine::OnCrash(v1::FailureReason reason, Duration now, LineActions& actions) {
  trial_since_.reset();
  crashes_.push_back(now);
  while (now - crashes_.front() > options_.crash_window) {
    crashes_.pop_front();
  }
  if (stand_in_ == StandIn::kStaticAnswer) {
    if (crashes_.size() >= options_.crash_limit) {
      stand_in_ = StandIn::kRefusal;
      wanted_.reset();
      actions.push_back(RefuseClients{});
      return;
    }
  } else {
    cause_ =
        reason == v1::FAILURE_REASON_UNSPECIFIED ? v1::FAILURE_REASON_INSTALL_CRASH_LOOP : reason;
  }
  if (crashes_.size() >= options_.crash_limit) {
    bad_ = true;
    actions.push_back(TellReleaseBad{cause_});
    return;
  }
  restart_at_ = now + options_.restart_delay * (std::int64_t{1} << (crashes_.size() - 1));
}

LineActions LineMachine::OnStartRefused(std::uint64_t id, v1::FailureReason reason) {
  children_.erase(id);
  bad_ = true;
  cause_ = reason;
  return {TellReleaseBad{reason}};
}

LineActions LineMachine::OnTick(Duration now) {
  LineActions actions;
  for (auto& [id, child] : children_) {
    if (now >= child.deadline) {
      child.deadline = absl::InfiniteDuration();
      // Its exit then counts as what it was: crash or drain.
      const bool drains = child.state == ChildState::kDraining;
      actions.push_back(KillEngine{id, drains ? KillCause::kNotNeeded : KillCause::kOverdue});
    }
  }
  CheckTrial(now, actions);
  Converge(now, actions);
  return actions;
}

std::optional<Duration> LineMachine::Deadline() {
  Duration earliest = absl::InfiniteDuration();
  for (const auto& [id, child] : children_) {
    earliest = std::min(earliest, child.deadline);
  }
  if (restart_at_.has_value() && !bad_ && !parked_) {
    earliest = std::min(earliest, *restart_at_);
  }
  if (trial_ && trial_since_.has_value()) {
    earliest = std::min(earliest, *trial_since_ + TrialLength());
  }
  if (earliest == absl::InfiniteDuration()) {
    return std::nullopt;
  }
  return earliest;
}

v1::EngineCondition LineMachine::condition() const {
  if (safe_mode_) {
    return v1::ENGINE_CONDITION_SAFE_MODE;
  }
  if (stand_in_ != StandIn::kUnspecified) {
    return stand_in_ == StandIn::kStaticAnswer ? v1::ENGINE_CONDITION_STATIC_ANSWER
                                               : v1::ENGINE_CONDITION_STOPPED;
  }
  if (bad_ || (restart_at_.has_value() && crashes_.size() > 1)) {
    return v1::ENGINE_CONDITION_CRASH_LOOPING;
  }
  bool loading = false;
  for (const auto& [id, child] : children_) {
    if (child.state == ChildState::kServing) {
      return v1::ENGINE_CONDITION_SERVING;
    }
    loading = loading || child.state != ChildState::kDraining;
  }
  return loading || restart_at_.has_value() ? v1::ENGINE_CONDITION_LOADING
                                            : v1::ENGINE_CONDITION_OFF;
}

}  // namespace flotilla::agent
