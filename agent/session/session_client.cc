#include "agent/session/session_client.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace flotilla::agent {

SessionClient::SessionClient(const SessionOptions& options, const Parts& parts)
    : parts_(parts), machine_(options, parts.random) {}

SessionClient::~SessionClient() {
  if (timer_armed_) {
    parts_.executor.Cancel(timer_);
  }
  parts_.transport.Close();
}

void SessionClient::Start() {
  Carry(machine_.Start(parts_.clock.Monotonic()));
}

void SessionClient::Stop() {
  if (std::exchange(timer_armed_, false)) {
    parts_.executor.Cancel(timer_);
  }
  Carry(machine_.Stop());
}

void SessionClient::Reopen() {
  Carry(machine_.Reopen());
}

void SessionClient::SendDecommissionDone() {
  v1::SessionRequest request;
  request.mutable_decommission_done();
  parts_.transport.Send(request);
}

void SessionClient::OnOutboxGrew() {
  if (live()) {
    SendReports();
  }
}

void SessionClient::SendCondition(const v1::Condition& condition) {
  if (!live()) {
    return;
  }
  v1::SessionRequest request;
  *request.mutable_condition() = condition;
  parts_.transport.Send(request);
  Carry(machine_.OnSent());
}

void SessionClient::SendLines(const v1::LinesChanged& lines) {
  // The Hello of a session that is opening was made before this.
  if (!live() && machine_.phase() != SessionPhase::kOpening) {
    return;
  }
  v1::SessionRequest request;
  *request.mutable_lines_changed() = lines;
  parts_.transport.Send(request);
  Carry(machine_.OnSent());
}

void SessionClient::OnMessage(const v1::SessionResponse& message) {
  Carry(machine_.OnMessage(message, parts_.clock.Monotonic()));
}

void SessionClient::OnClosed(const Status& status) {
  Carry(machine_.OnClosed(status, parts_.clock.Monotonic()));
}

void SessionClient::Carry(const SessionActions& actions) {
  for (const SessionAction& action : actions) {
    std::visit([this](const auto& step) { Do(step); }, action);
  }
}

void SessionClient::Do(const OpenSession& /*action*/) {
  v1::SessionRequest request;
  v1::Hello& hello = *request.mutable_hello();
  hello = parts_.listener.MakeHello();
  hello.set_boot_epoch(parts_.outbox.boot_epoch());
  hello.set_outbox_first_seq(parts_.outbox.first_seq());
  hello.set_outbox_last_seq(parts_.outbox.last_unacknowledged_seq());
  parts_.transport.Open(*this);
  parts_.transport.Send(request);
}

void SessionClient::Do(const CloseSession& /*action*/) {
  parts_.transport.Close();
}

void SessionClient::Do(const ArmTimer& action) {
  if (timer_armed_) {
    parts_.executor.Cancel(timer_);
  }
  timer_armed_ = true;
  timer_ = parts_.executor.PostAfter(action.delay, [this] {
    timer_armed_ = false;
    Carry(machine_.OnTimer(parts_.clock.Monotonic()));
  });
}

void SessionClient::Do(const SendHeartbeat& /*action*/) {
  v1::SessionRequest request;
  request.mutable_heartbeat();
  parts_.transport.Send(request);
}

void SessionClient::Do(const SessionUp& action) {
  LogInfo("session.up", {{"epoch", action.welcome.session_epoch()}});
  sent_seq_ = 0;
  parts_.listener.OnWelcome(action.welcome);
}

void SessionClient::Do(const SessionDown& action) {
  const LogLevel level = action.refused ? LogLevel::kError : LogLevel::kWarning;
  const char* const event = action.refused ? "session.refused" : "session.down";
  const LogField code("code", CodeName(action.cause.code()));
  const LogField text("text", MessageOf(action.cause));
  const LogField retry("retry_in",
                       DurationText(absl::Trunc(action.retry_in, absl::Milliseconds(1))));
  if (const int reason = ReasonNumber(action.cause); reason != 0) {
    Log(level, event, {code, {"reason", reason}, text, retry});
  } else {
    Log(level, event, {code, text, retry});
  }
  parts_.listener.OnSessionDown(action.cause);
}

void SessionClient::Do(const RestIfDone& /*action*/) {
  Carry(parts_.outbox.first_seq() == 0 ? machine_.Rest()
                                       : machine_.Linger(parts_.clock.Monotonic()));
}

void SessionClient::Do(const SessionRests& action) {
  LogInfo("session.rests",
          {{"next_in", DurationText(absl::Trunc(action.next_in, absl::Milliseconds(1)))}});
}

void SessionClient::Do(const LeaveFleet& action) {
  parts_.listener.OnDecommission(action.wipe_models);
}

void SessionClient::Do(const RenewCertificate& action) {
  parts_.listener.OnRenewAsked(action.spread);
}

void SessionClient::Do(const TakeUpDesired& action) {
  LogInfo("session.desired_state", {{"generation", action.desired.generation()},
                                    {"lines", action.desired.assignments_size()}});
  parts_.listener.OnDesiredState(action.desired);
}

void SessionClient::Do(const ForgetReports& action) {
  if (action.boot_epoch.value_or(parts_.outbox.boot_epoch()) != parts_.outbox.boot_epoch()) {
    return;
  }
  if (const Status status = parts_.outbox.AckUpTo(action.durable_seq); !status.ok()) {
    LogStatus(LogLevel::kError, "outbox.ack_failed", status);
  }
  if (!action.boot_epoch.has_value()) {
    TellAgain(action.durable_seq);
  }
  sent_seq_ = std::max(sent_seq_, action.durable_seq);
  SendReports();
}

// Of a Welcome: what the controller has acknowledged and does not know any more, it lost.
void SessionClient::TellAgain(std::uint64_t durable_seq) {
  const StatusOr<std::uint64_t> again = parts_.outbox.TakeBack(durable_seq);
  if (!again.ok()) {
    LogStatus(LogLevel::kError, "outbox.take_back_failed", again.status());
  } else if (*again > 0) {
    LogWarning("outbox.told_again", {{"reports", *again}, {"known", durable_seq}});
  }
}

void SessionClient::SendReports() {
  const std::uint64_t first = parts_.outbox.first_seq();
  if (first == 0) {
    return;
  }
  const std::uint64_t in_flight = sent_seq_ >= first ? sent_seq_ - first + 1 : 0;
  if (in_flight >= kReportWindow) {
    return;
  }
  const StatusOr<std::vector<v1::UpdateReport>> reports =
      parts_.outbox.After(sent_seq_, kReportWindow - in_flight);
  if (!reports.ok()) {
    LogStatus(LogLevel::kError, "outbox.read_failed", reports.status());
    return;
  }
  for (const v1::UpdateReport& report : *reports) {
    v1::SessionRequest request;
    *request.mutable_report() = report;
    parts_.transport.Send(request);
    sent_seq_ = report.seq();
  }
  if (!reports->empty()) {
    Carry(machine_.OnSent());
  }
}

}  // namespace flotilla::agent
