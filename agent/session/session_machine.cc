#include "agent/session/session_machine.h"

#include <algorithm>
#include <utility>

#include "base/jitter.h"

namespace flotilla::agent {
namespace {

constexpr Duration kLeastHeartbeat = absl::Seconds(1);
constexpr Duration kLinger = absl::Seconds(1);
constexpr int kLongestMoment = 10;  // of open_for

Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace

SessionMachine::SessionMachine(const SessionOptions& options, Random& random)
    : options_(options),
      random_(random),
      reconnect_(options.reconnect, random),
      heartbeat_(options.heartbeat) {}

SessionActions SessionMachine::Start(Duration /*now*/) {
  if (phase_ != SessionPhase::kStopped) {
    return {};
  }
  return Open();
}

SessionActions SessionMachine::Stop() {
  const bool open = phase_ == SessionPhase::kOpening || phase_ == SessionPhase::kLive;
  phase_ = SessionPhase::kStopped;
  return open ? SessionActions{CloseSession{}} : SessionActions{};
}

SessionActions SessionMachine::Reopen() {
  if (phase_ == SessionPhase::kStopped) {
    return {};
  }
  SessionActions actions;
  if (phase_ != SessionPhase::kWaiting) {
    actions.emplace_back(CloseSession{});
  }
  for (SessionAction& action : Open()) {
    actions.push_back(std::move(action));
  }
  return actions;
}

SessionActions SessionMachine::Open() {
  phase_ = SessionPhase::kOpening;
  return {OpenSession{}, ArmTimer{options_.welcome_timeout}};
}

SessionActions SessionMachine::OnTimer(Duration now) {
  switch (phase_) {
    case SessionPhase::kWaiting:
      return Open();
    case SessionPhase::kOpening: {
      SessionActions actions = {CloseSession{}};
      SessionActions rest = OnClosed(DeadlineExceeded("no welcome from the controller"), now);
      actions.insert(actions.end(), rest.begin(), rest.end());
      return actions;
    }
    case SessionPhase::kLive:
      if (cycles() && now >= rest_at_) {
        return {RestIfDone{}};
      }
      return {SendHeartbeat{}, NextBeat(now)};
    case SessionPhase::kUnspecified:
    case SessionPhase::kStopped:
      break;
  }
  return {};
}

SessionActions SessionMachine::OnMessage(const v1::SessionResponse& message, Duration now) {
  if (message.has_welcome() && phase_ == SessionPhase::kOpening) {
    return OnWelcome(message.welcome(), now);
  }
  if (phase_ != SessionPhase::kLive) {
    return {};
  }
  if (message.has_welcome()) {
    TakeNumbers(message.welcome());
    return {NextBeat(now)};
  }
  if (message.has_desired_state()) {
    return {TakeUpDesired{message.desired_state()}};
  }
  if (message.has_ack()) {
    return {ForgetReports{message.ack().boot_epoch(), message.ack().durable_seq()}};
  }
  if (message.has_decommission()) {
    return {LeaveFleet{message.decommission().wipe_models()}};
  }
  if (message.has_renew_identity()) {
    return {RenewCertificate{reconnect_.spread()}};
  }
  if (message.has_drain()) {
    reconnect_.SetDrain(FromProto(message.drain().spread()));
  }
  return {};
}

SessionActions SessionMachine::OnWelcome(const v1::Welcome& welcome, Duration now) {
  phase_ = SessionPhase::kLive;
  live_since_ = now;
  rest_at_ = now + options_.open_for;
  reconnect_.OnUp(now);
  TakeNumbers(welcome);
  return {SessionUp{welcome}, ForgetReports{std::nullopt, welcome.durable_seq()}, NextBeat(now)};
}

void SessionMachine::TakeNumbers(const v1::Welcome& welcome) {
  if (welcome.has_reconnect_spread()) {
    reconnect_.SetSpread(FromProto(welcome.reconnect_spread()));
  }
  if (welcome.has_heartbeat_interval()) {
    heartbeat_ = std::max(FromProto(welcome.heartbeat_interval()), kLeastHeartbeat);
  }
}

SessionActions SessionMachine::OnClosed(const Status& status, Duration now) {
  if (phase_ != SessionPhase::kOpening && phase_ != SessionPhase::kLive) {
    return {};
  }
  const Duration delay = phase_ == SessionPhase::kLive ? reconnect_.AfterLoss(status, now)
                                                       : reconnect_.AfterFailure(status, now);
  phase_ = SessionPhase::kWaiting;
  return {SessionDown{status, delay, RefusesDevice(status)}, ArmTimer{delay}};
}

SessionActions SessionMachine::OnSent() {
  if (phase_ != SessionPhase::kLive || cycles()) {
    return {};  // the end of its moment does not move
  }
  return {ArmTimer{HeartbeatDelay()}};
}

SessionActions SessionMachine::Rest() {
  if (phase_ != SessionPhase::kLive) {
    return {};
  }
  phase_ = SessionPhase::kWaiting;
  reconnect_.OnRest();
  const Duration next = options_.every * 9 / 10 + UniformUpTo(random_, options_.every / 5);
  return {CloseSession{}, SessionRests{next}, ArmTimer{next}};
}

SessionActions SessionMachine::Linger(Duration now) {
  if (phase_ != SessionPhase::kLive) {
    return {};
  }
  if (now - live_since_ >= kLongestMoment * options_.open_for) {
    return Rest();  // the controller does not acknowledge: later, then
  }
  rest_at_ = now + kLinger;
  return {ArmTimer{kLinger}};
}

ArmTimer SessionMachine::NextBeat(Duration now) {
  const Duration beat = HeartbeatDelay();
  return {cycles() ? std::clamp(rest_at_ - now, absl::ZeroDuration(), beat) : beat};
}

Duration SessionMachine::HeartbeatDelay() {
  return heartbeat_ * 9 / 10 + UniformUpTo(random_, heartbeat_ / 5);
}

}  // namespace flotilla::agent
