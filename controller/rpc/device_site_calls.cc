#include "controller/rpc/device_site_calls.h"

#include <utility>

#include "controller/rpc/session_service.h"

namespace flotilla::controller {

std::shared_ptr<DeviceCallUser> DeviceSiteCalls::Begin(const CallHead& head,
                                                       std::shared_ptr<DeviceCall> call) {
  const CallPeer caller = {head.peer, head.certificate_pem, {}};
  if (head.method == kSessionMethod) {
    admission_.OnSessionOpened(head.peer);
    return SessionStream::Open(fleet_, std::move(call), &admission_,
                               SessionPeerOf(gate_.Check(caller, security::PeerKind::kDevice)));
  }
  const auto method = methods_.find(head.method);
  if (method == methods_.end()) {
    return nullptr;
  }
  const auto device = gate_.Check(caller, security::PeerKind::kDevice);
  return device.ok() ? UnaryCall::Begin(std::move(call), method->second(*device))
                     : UnaryCall::Refuse(std::move(call), device.status());
}

}  // namespace flotilla::controller
