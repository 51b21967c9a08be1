#ifndef FLOTILLA_CONTROLLER_SESSION_DEVICE_SESSION_H_
#define FLOTILLA_CONTROLLER_SESSION_DEVICE_SESSION_H_

#include "flotilla/v1/session.pb.h"

#include "base/status.h"
#include "controller/session/desired_frame.h"

namespace flotilla::controller {

// Port: the sending half of one device's session. Fleet loop only, never blocks, holds at most one
// message of each kind: a newer one replaces one not yet sent. Real: SessionStream
// (controller/rpc). Fake: FakeDeviceSession (tests/support).
class DeviceSession {
 public:
  virtual ~DeviceSession() = default;
  virtual void SendWelcome(const v1::Welcome& welcome) = 0;
  virtual void SendDesired(const DesiredFrame& desired) = 0;
  virtual void SendAck(const v1::Ack& ack) = 0;
  virtual void SendDrain(const v1::Drain& drain) = 0;
  // What an operator wants of the device beside its releases: decommission or renew_identity.
  virtual void SendOrder(const v1::SessionResponse& order) = 0;
  // Ends the stream with `status` once what is held was sent. Nothing is sent after it. Idempotent.
  virtual void Close(const Status& status) = 0;

 protected:
  DeviceSession() = default;
  DeviceSession(const DeviceSession&) = default;
  DeviceSession& operator=(const DeviceSession&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_DEVICE_SESSION_H_
