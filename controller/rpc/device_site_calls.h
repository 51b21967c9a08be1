#ifndef FLOTILLA_CONTROLLER_RPC_DEVICE_SITE_CALLS_H_
#define FLOTILLA_CONTROLLER_RPC_DEVICE_SITE_CALLS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "controller/fleet/fleet.h"
#include "controller/rpc/peer_gate.h"
#include "controller/rpc/unary_call.h"
#include "controller/session/admission_gate.h"
#include "controller/session/device_call.h"

namespace flotilla::controller {

inline constexpr char kSessionMethod[] = "/flotilla.v1.DeviceService/Session";

// What is done for a device that calls a method beside its session.
using DeviceMethod = std::function<UnaryCall::Handle(const security::PeerIdentity& device)>;
// By path, "/package.Service/Method".
using DeviceMethods = std::map<std::string, DeviceMethod>;

// What the device listener serves: a session for each device that has a good certificate, and what
// it calls beside it. Thread-safe; what is given outlives it.
class DeviceSiteCalls final : public DeviceCalls {
 public:
  // `admission`: told of every stream that opens and ends.
  DeviceSiteCalls(const PeerGate& gate, Fleet& fleet, AdmissionGate& admission)
      : gate_(gate), fleet_(fleet), admission_(admission) {}

  // Before the first call.
  void SetMethods(DeviceMethods methods) { methods_ = std::move(methods); }

  std::shared_ptr<DeviceCallUser> Begin(const CallHead& head,
                                        std::shared_ptr<DeviceCall> call) override;

 private:
  const PeerGate& gate_;
  Fleet& fleet_;
  AdmissionGate& admission_;
  DeviceMethods methods_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_DEVICE_SITE_CALLS_H_
