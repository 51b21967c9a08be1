#include "controller/storage/postgres_revoked_serials.h"

#include <memory>
#include <utility>

#include <soci/soci.h>

#include "controller/storage/postgres_dialect.h"

namespace flotilla::controller {
namespace {

std::unique_ptr<PostgresDialect> DialectFor(const std::string& conninfo) {
  PostgresOptions options;
  options.conninfo = conninfo;
  options.ownership = StoreOwnership::kShared;
  return std::make_unique<PostgresDialect>(std::move(options));
}

}  // namespace

PostgresRevokedSerials::PostgresRevokedSerials(const std::string& conninfo)
    : connection_(DialectFor(conninfo)) {}

StatusOr<std::vector<std::string>> PostgresRevokedSerials::All() {
  return connection_.Run([](soci::session& session) -> StatusOr<std::vector<std::string>> {
    std::vector<std::string> serials;
    std::string serial;
    soci::statement rows =
        (session.prepare << "SELECT serial FROM revocations", soci::into(serial));
    rows.execute();
    while (rows.fetch()) {
      serials.push_back(serial);
    }
    return serials;
  });
}

}  // namespace flotilla::controller
