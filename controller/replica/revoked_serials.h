#ifndef FLOTILLA_CONTROLLER_REPLICA_REVOKED_SERIALS_H_
#define FLOTILLA_CONTROLLER_REPLICA_REVOKED_SERIALS_H_

#include <string>
#include <vector>

#include "base/status.h"

namespace flotilla::controller {

// Port: the certificates that are refused, as committed. Blocking; one thread at a time. Real:
// PostgresRevokedSerials (controller/storage).
class RevokedSerials {
 public:
  virtual ~RevokedSerials() = default;
  // Lower-case hexadecimal. FleetStore's errors.
  virtual StatusOr<std::vector<std::string>> All() = 0;

 protected:
  RevokedSerials() = default;
  RevokedSerials(const RevokedSerials&) = default;
  RevokedSerials& operator=(const RevokedSerials&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_REPLICA_REVOKED_SERIALS_H_
