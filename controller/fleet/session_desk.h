#ifndef FLOTILLA_CONTROLLER_FLEET_SESSION_DESK_H_
#define FLOTILLA_CONTROLLER_FLEET_SESSION_DESK_H_

#include <cstddef>
#include <memory>
#include <string>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/time.h"
#include "controller/session/device_session.h"

namespace flotilla::controller {

// Who is on the other end of a stream, by its certificate.
struct SessionPeer {
  std::string device_id;
  std::string serial_hex;
  Time not_after;
};

// Open sessions, one per device at most: epochs, clones, acknowledgements.
//
// Fleet loop only. Every call but OnHello is ignored when `session` is not (any more) the session
// of its device: a fenced stream changes nothing.
class SessionDesk {
 public:
  virtual ~SessionDesk() = default;

  // First message of a stream. Answers Welcome and the desired state once what the Hello changed is
  // durable, or closes the stream: PERMISSION_DENIED (another id than the certificate's, or an
  // unknown device), UNAUTHENTICATED (revoked), ALREADY_EXISTS (clone). An older stream of the same
  // machine is closed with ABORTED.
  virtual void OnHello(const SessionPeer& peer, std::shared_ptr<DeviceSession> session,
                       const v1::Hello& hello) = 0;
  // Taken up once per (device, boot_epoch, seq), acknowledged once durable however often it comes.
  virtual void OnReport(const std::string& device_id, const DeviceSession* session,
                        const v1::UpdateReport& report) = 0;
  virtual void OnCondition(const std::string& device_id, const DeviceSession* session,
                           const v1::Condition& condition) = 0;
  virtual void OnHeartbeat(const std::string& device_id, const DeviceSession* session) = 0;
  virtual void OnDisconnect(const std::string& device_id, const DeviceSession* session) = 0;

  virtual std::size_t open_sessions() const = 0;
  virtual bool HasSession(const std::string& device_id) const = 0;

 protected:
  SessionDesk() = default;
  SessionDesk(const SessionDesk&) = default;
  SessionDesk& operator=(const SessionDesk&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_SESSION_DESK_H_
