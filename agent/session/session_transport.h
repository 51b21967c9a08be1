#ifndef FLOTILLA_AGENT_SESSION_SESSION_TRANSPORT_H_
#define FLOTILLA_AGENT_SESSION_SESSION_TRANSPORT_H_

#include "base/status.h"
#include "flotilla/v1/session.pb.h"

namespace flotilla::agent {

// What a transport tells its user, always on the agent's loop.
class SessionHandler {
 public:
  virtual ~SessionHandler() = default;
  virtual void OnMessage(const v1::SessionResponse& message) = 0;
  // The session is over; once for each Open that was not ended by Close. Codes: UNAVAILABLE the
  // controller cannot be reached or went away; UNAUTHENTICATED, PERMISSION_DENIED, ALREADY_EXISTS
  // it refuses this device; ABORTED a newer session of this device took over.
  virtual void OnClosed(const Status& status) = 0;

 protected:
  SessionHandler() = default;
  SessionHandler(const SessionHandler&) = default;
  SessionHandler& operator=(const SessionHandler&) = default;
};

// Port: one stream to the controller at a time. Methods never block; call them on the agent's loop.
// Real: GrpcSessionTransport. Fake: FakeSessionTransport (tests/support).
class SessionTransport {
 public:
  virtual ~SessionTransport() = default;
  // Starts a new session, ending an open one without a word. Messages may be sent at once.
  virtual void Open(SessionHandler& handler) = 0;
  // Queues one message; dropped when no session is open.
  virtual void Send(const v1::SessionRequest& message) = 0;
  // Ends the session. The handler is not called any more for it.
  virtual void Close() = 0;

 protected:
  SessionTransport() = default;
  SessionTransport(const SessionTransport&) = default;
  SessionTransport& operator=(const SessionTransport&) = default;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_SESSION_TRANSPORT_H_
