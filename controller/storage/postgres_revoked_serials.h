#ifndef FLOTILLA_CONTROLLER_STORAGE_POSTGRES_REVOKED_SERIALS_H_
#define FLOTILLA_CONTROLLER_STORAGE_POSTGRES_REVOKED_SERIALS_H_

#include <string>
#include <vector>

#include "controller/replica/revoked_serials.h"
#include "controller/storage/sql_connection.h"

namespace flotilla::controller {

// RevokedSerials out of the fleet's tables.
class PostgresRevokedSerials final : public RevokedSerials {
 public:
  // `conninfo` as PostgresConninfo gives it. Connects when it is needed.
  explicit PostgresRevokedSerials(const std::string& conninfo);

  StatusOr<std::vector<std::string>> All() override;

 private:
  SqlConnection connection_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_POSTGRES_REVOKED_SERIALS_H_
