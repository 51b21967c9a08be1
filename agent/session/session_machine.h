// The session to the controller as a pure state machine: events in, actions out, no clock, no I/O.
#ifndef FLOTILLA_AGENT_SESSION_SESSION_MACHINE_H_
#define FLOTILLA_AGENT_SESSION_SESSION_MACHINE_H_

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "agent/session/reconnect_policy.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "flotilla/v1/session.pb.h"

namespace flotilla::agent {

struct SessionOptions {
  ReconnectOptions reconnect;
  // Used until a Welcome names another.
  Duration heartbeat = absl::Seconds(60);
  // From Open to Welcome; longer than the controller holds a connection in its accept queue.
  Duration welcome_timeout = absl::Seconds(45);
  // The session is opened for a moment every so often (within a tenth); zero: it is kept open.
  Duration every;
  // How long the moment is; longer while reports are unacknowledged, ten times as long at most.
  Duration open_for = absl::Seconds(10);
};

enum class SessionPhase { kUnspecified = 0, kStopped, kWaiting, kOpening, kLive };

// Actions, to be carried out in order.
struct OpenSession {};   // open the transport and send the Hello
struct CloseSession {};  // close the transport
struct ArmTimer {        // replaces the one timer of the session
  Duration delay;
};
struct SendHeartbeat {};
struct SessionUp {
  v1::Welcome welcome;
};
struct SessionDown {
  Status cause;
  Duration retry_in;
  bool refused = false;
};
struct TakeUpDesired {
  v1::DesiredState desired;
};
struct ForgetReports {
  std::optional<std::uint64_t> boot_epoch;  // absent: this device's current one
  std::uint64_t durable_seq = 0;
};
struct LeaveFleet {
  bool wipe_models = false;
};
// The operator asks for a new certificate; devices that were told together spread over `spread`.
struct RenewCertificate {
  Duration spread;
};
// The moment of a session is over: answer by Rest, or by Linger while there is something to say.
struct RestIfDone {};
// Closed by this device, which opens the next one by itself.
struct SessionRests {
  Duration next_in;
};
using SessionAction = std::variant<OpenSession, CloseSession, ArmTimer, SendHeartbeat, SessionUp,
                                   SessionDown, TakeUpDesired, ForgetReports, LeaveFleet,
                                   RenewCertificate, RestIfDone, SessionRests>;
using SessionActions = std::vector<SessionAction>;

// Times are monotonic. The first try of a process is at once, later ones are ReconnectPolicy's. A
// session that cycles is closed by this device after its moment, and opened again about `every`
// later. One thread.
class SessionMachine {
 public:
  // `random` must outlive this object.
  SessionMachine(const SessionOptions& options, Random& random);

  SessionActions Start(Duration now);
  SessionActions Stop();
  // A new session at once, in place of the one that is open or waited for; nothing when stopped.
  SessionActions Reopen();
  // The timer armed last has fired.
  SessionActions OnTimer(Duration now);
  SessionActions OnMessage(const v1::SessionResponse& message, Duration now);
  SessionActions OnClosed(const Status& status, Duration now);
  // Something was sent: the heartbeat is not due before an interval from now.
  SessionActions OnSent();
  // Answers of RestIfDone.
  SessionActions Rest();
  SessionActions Linger(Duration now);

  SessionPhase phase() const { return phase_; }

 private:
  SessionActions Open();
  SessionActions OnWelcome(const v1::Welcome& welcome, Duration now);
  // The numbers of a Welcome; a later one of the same session changes them.
  void TakeNumbers(const v1::Welcome& welcome);
  bool cycles() const { return options_.every > absl::ZeroDuration(); }
  ArmTimer NextBeat(Duration now);
  Duration HeartbeatDelay();

  SessionOptions options_;
  Random& random_;
  ReconnectPolicy reconnect_;
  SessionPhase phase_ = SessionPhase::kStopped;
  Duration heartbeat_;
  Duration live_since_;
  Duration rest_at_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_SESSION_MACHINE_H_
