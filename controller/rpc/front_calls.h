#ifndef FLOTILLA_CONTROLLER_RPC_FRONT_CALLS_H_
#define FLOTILLA_CONTROLLER_RPC_FRONT_CALLS_H_

#include <memory>

#include "controller/rpc/front_desk.h"
#include "controller/rpc/peer_gate.h"
#include "controller/session/admission_gate.h"
#include "controller/session/device_call.h"

namespace flotilla::controller {

// What the device listener of a front serves: sessions, and what devices call beside them, carried
// to the leader in their name. UNAVAILABLE: nobody leads. Thread-safe; what is given outlives it.
class FrontCalls final : public DeviceCalls {
 public:
  FrontCalls(const PeerGate& gate, FrontDesk& desk, AdmissionGate& admission)
      : gate_(gate), desk_(desk), admission_(admission) {}

  std::shared_ptr<DeviceCallUser> Begin(const CallHead& head,
                                        std::shared_ptr<DeviceCall> call) override;

 private:
  const PeerGate& gate_;
  FrontDesk& desk_;
  AdmissionGate& admission_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_FRONT_CALLS_H_
