#ifndef FLOTILLA_CONTROLLER_SESSION_DEVICE_CALL_H_
#define FLOTILLA_CONTROLLER_SESSION_DEVICE_CALL_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/time.h"

namespace flotilla::controller {

// A message on its way to a device: what is its own, then what it shares with others.
struct CallBytes {
  std::string own;
  std::shared_ptr<const std::string> shared;  // null: nothing
};

// Port: the server's half of one gRPC call of a device. Thread-safe, never blocks; one Read and one
// Write under way at a time, nothing after Finish. Real: WireCall (controller/wire) for devices,
// GrpcDeviceCall (controller/rpc) for replicas that speak for them.
class DeviceCall {
 public:
  virtual ~DeviceCall() = default;
  // Asks for the next message: OnMessage or OnEndOfMessages follows. What is not asked for stays
  // with the device, by HTTP/2's flow control.
  virtual void Read() = 0;
  // OnWritten follows when the next may be written.
  virtual void Write(CallBytes message) = 0;
  // Ends the call, once what is being written was sent. Once, also after OnCancelled; OnDone
  // follows.
  virtual void Finish(const Status& status) = 0;

 protected:
  DeviceCall() = default;
  DeviceCall(const DeviceCall&) = default;
  DeviceCall& operator=(const DeviceCall&) = default;
};

// What a call is for. On the transport's threads: none of these waits for anything. OnMessage and
// OnWritten may come at the same time; OnDone is the last, and the transport lets go of it then.
class DeviceCallUser {
 public:
  virtual ~DeviceCallUser() = default;
  // The bytes are gone when it returns.
  virtual void OnMessage(std::string_view message) = 0;
  // The device sends no more.
  virtual void OnEndOfMessages() = 0;
  virtual void OnWritten() = 0;
  // The device left, or broke the protocol. What is under way ends without another word. May also
  // come after Finish, which is not to be called again.
  virtual void OnCancelled() = 0;
  virtual void OnDone() = 0;

 protected:
  DeviceCallUser() = default;
  DeviceCallUser(const DeviceCallUser&) = default;
  DeviceCallUser& operator=(const DeviceCallUser&) = default;
};

// Who calls what.
struct CallHead {
  std::string method;           // "/package.Service/Method"
  std::string peer;             // "ipv4:10.0.0.7:51234"
  std::string certificate_pem;  // of the client, verified by TLS
  // How long the device waits for the answer; infinite: it did not say.
  Duration timeout = absl::InfiniteDuration();
};

// What a listener serves.
class DeviceCalls {
 public:
  virtual ~DeviceCalls() = default;
  // On the transport's threads. Null: there is no such method, and `call` is not used.
  virtual std::shared_ptr<DeviceCallUser> Begin(const CallHead& head,
                                                std::shared_ptr<DeviceCall> call) = 0;

 protected:
  DeviceCalls() = default;
  DeviceCalls(const DeviceCalls&) = default;
  DeviceCalls& operator=(const DeviceCalls&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_DEVICE_CALL_H_
