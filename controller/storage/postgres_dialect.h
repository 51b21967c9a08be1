#ifndef FLOTILLA_CONTROLLER_STORAGE_POSTGRES_DIALECT_H_
#define FLOTILLA_CONTROLLER_STORAGE_POSTGRES_DIALECT_H_

#include <cstddef>
#include <string>
#include <utility>

#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

struct PostgresOptions {
  // As PostgresConninfo gives it.
  std::string conninfo;
  // kSole: an advisory lock of the connection that writes.
  StoreOwnership ownership = StoreOwnership::kSole;
  // Rows of one statement.
  std::size_t batch_rows = 1000;
  // How long a statement waits for another transaction's rows.
  int lock_timeout_seconds = 10;
};

// PostgreSQL from 13 on: commits wait for the disk (synchronous_commit), whatever the server's
// default is; rows are written by the thousand, from arrays.
class PostgresDialect final : public SqlDialect {
 public:
  explicit PostgresDialect(PostgresOptions options) : options_(std::move(options)) {}

  void Connect(soci::session& session) const override;
  const SqlWords& words() const override;
  StoreOwnership ownership() const override { return options_.ownership; }
  void Write(soci::session& session, const SqlBatch& batch) const override;
  // postgres_error.h. UNAVAILABLE without an SQLSTATE: nobody answers.
  SqlError ErrorOf(soci::session& session, const std::exception& error) const override;

 private:
  const PostgresOptions options_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_POSTGRES_DIALECT_H_
