#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_CONNECTION_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_CONNECTION_H_

#include <memory>
#include <optional>
#include <utility>

#include <soci/soci.h>

#include "base/status.h"
#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// How often something is tried again at once; whoever called may try it again later.
class SqlTries {
 public:
  bool Again(SqlFault fault) {
    switch (fault) {
      case SqlFault::kConflict:
        return conflicts_-- > 0;
      case SqlFault::kConnectionLost:
        return connections_-- > 0;
      case SqlFault::kLasting:
      case SqlFault::kUnspecified:
        break;
    }
    return false;
  }

 private:
  int conflicts_ = 4;
  // One that was lost while nothing was said is found out by the first word.
  int connections_ = 1;
};

// One connection, opened when it is needed and again when it broke. No exception leaves it.
class SqlConnection {
 public:
  explicit SqlConnection(std::unique_ptr<SqlDialect> dialect) : dialect_(std::move(dialect)) {}

  const SqlDialect& dialect() const { return *dialect_; }

  // Calls body(session), a Status, once.
  template <typename Body>
  SqlError Try(Body body) {
    try {
      if (!open_) {
        dialect_->Connect(session_);
        open_ = true;
      }
      return {body(session_), SqlFault::kLasting};
    } catch (const std::exception& thrown) {
      return After(thrown);
    }
  }

  // Calls body(session), a Status or StatusOr, until it comes to an end; it changes nothing, or in
  // a way that may happen twice.
  template <typename Body>
  auto Run(Body body) -> decltype(body(std::declval<soci::session&>())) {
    SqlTries tries;
    while (true) {
      std::optional<decltype(body(std::declval<soci::session&>()))> result;
      const SqlError error = Try([&](soci::session& session) {
        result.emplace(body(session));
        return OkStatus();
      });
      if (error.status.ok()) {
        return *std::move(result);
      }
      if (!tries.Again(error.fault)) {
        return error.status;
      }
    }
  }

 private:
  SqlError After(const std::exception& thrown) {
    SqlError error = dialect_->ErrorOf(session_, thrown);
    if (!open_ || error.fault == SqlFault::kConnectionLost) {
      open_ = false;
      session_.close();
    }
    return error;
  }

  const std::unique_ptr<SqlDialect> dialect_;
  soci::session session_;
  bool open_ = false;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_CONNECTION_H_
