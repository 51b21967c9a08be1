#ifndef FLOTILLA_AGENT_SESSION_SESSION_CLIENT_H_
#define FLOTILLA_AGENT_SESSION_SESSION_CLIENT_H_

#include <cstdint>

#include "agent/session/session_machine.h"
#include "agent/session/session_transport.h"
#include "agent/state/outbox.h"
#include "base/clock.h"
#include "base/executor.h"

namespace flotilla::agent {

// What the session needs from and tells to the rest of the agent. Called on the agent's loop.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  // All but the outbox range, which the session fills in.
  virtual v1::Hello MakeHello() = 0;
  virtual void OnWelcome(const v1::Welcome& welcome) = 0;
  virtual void OnDesiredState(const v1::DesiredState& desired) = 0;
  // No session, for this reason; it is tried again.
  virtual void OnSessionDown(const Status& /*cause*/) {}
  // The device leaves the fleet. Answer by SessionClient::SendDecommissionDone.
  virtual void OnDecommission(bool /*wipe_models*/) {}
  virtual void OnRenewAsked(Duration /*spread*/) {}

 protected:
  SessionListener() = default;
  SessionListener(const SessionListener&) = default;
  SessionListener& operator=(const SessionListener&) = default;
};

// Carries out what SessionMachine decides: keeps one session up, drains the outbox over it (at most
// kReportWindow reports unacknowledged at once), hands the desired state on. Lives on the agent's
// loop. Everything passed in must outlive it.
class SessionClient final : private SessionHandler {
 public:
  static constexpr std::uint64_t kReportWindow = 64;

  struct Parts {
    Executor& executor;
    Clock& clock;
    Random& random;
    SessionTransport& transport;
    Outbox& outbox;
    SessionListener& listener;
  };
  SessionClient(const SessionOptions& options, const Parts& parts);
  ~SessionClient() override;
  SessionClient(const SessionClient&) = delete;
  SessionClient& operator=(const SessionClient&) = delete;

  void Start();
  void Stop();
  // Opens a session anew, at once: the identity changed.
  void Reopen();
  void SendDecommissionDone();
  // Reports were appended: send them if a session is up.
  void OnOutboxGrew();
  // The latest value; dropped without a session, since every Hello carries it.
  void SendCondition(const v1::Condition& condition);
  // Every line anew; nothing while there is no session, whose Hello says it too.
  void SendLines(const v1::LinesChanged& lines);
  bool live() const { return machine_.phase() == SessionPhase::kLive; }

 private:
  void OnMessage(const v1::SessionResponse& message) override;
  void OnClosed(const Status& status) override;

  void Carry(const SessionActions& actions);
  void Do(const OpenSession& action);
  void Do(const CloseSession& action);
  void Do(const ArmTimer& action);
  void Do(const SendHeartbeat& action);
  void Do(const SessionUp& action);
  void Do(const SessionDown& action);
  void Do(const TakeUpDesired& action);
  void Do(const ForgetReports& action);
  void Do(const LeaveFleet& action);
  void Do(const RenewCertificate& action);
  void Do(const RestIfDone& action);
  void Do(const SessionRests& action);
  void TellAgain(std::uint64_t durable_seq);
  void SendReports();

  Parts parts_;
  SessionMachine machine_;
  TimerId timer_;
  bool timer_armed_ = false;
  std::uint64_t sent_seq_ = 0;  // highest report sent in this session
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_SESSION_CLIENT_H_
