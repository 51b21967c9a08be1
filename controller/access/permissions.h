// Who may do what: the one table of the controller. Every RPC and every HTTP route has a row; what
// has none is for nobody. tests/unit/controller/access walks all services of the protocol and all
// routes of the listeners and fails for one without a row: whoever adds a call adds its row here.
#ifndef FLOTILLA_CONTROLLER_ACCESS_PERMISSIONS_H_
#define FLOTILLA_CONTROLLER_ACCESS_PERMISSIONS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"

#include "base/status.h"
#include "security/x509/operator_role.h"
#include "security/x509/peer.h"

namespace flotilla::controller {

enum class Caller : std::uint8_t {
  kUnspecified = 0,
  kAnyone,  // no certificate is asked for: enrolment, the page's files, health checks
  kDevice,  // a device's certificate
  // An operator's certificate of this role or a higher one.
  kViewer,
  kOperator,
  kReleaseManager,
  kAdmin,
};

enum class Effect : std::uint8_t {
  kUnspecified = 0,
  kRead,
  kChange,  // a refusal is written into the audit log
};

struct Permission {
  // "RolloutService.CreateRollout", "GET /api/v1/overview".
  std::string_view what;
  Caller least = Caller::kUnspecified;
  Effect effect = Effect::kUnspecified;
};

std::span<const Permission> Permissions();
// Null: for nobody.
const Permission* FindPermission(std::string_view what);

// What `request` is called for: "RolloutService.CreateRollout" of a CreateRolloutRequest. Each
// method of our protocol has a request message of its own, in the file of its service. Empty when
// no method takes it.
std::string MethodOf(const google::protobuf::Message& request);

// OK when `peer` may do `what`. PERMISSION_DENIED with CONTROL_NOT_ALLOWED says who asked, and who
// may. Whether the certificate itself is good is the caller's to check. `peer` null: nobody showed
// a certificate.
Status CheckPermission(std::string_view what, const security::PeerIdentity* peer);

// "operator, release-manager and admin".
std::string WhoMay(Caller least);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ACCESS_PERMISSIONS_H_
