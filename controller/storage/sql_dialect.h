#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_DIALECT_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_DIALECT_H_

#include <exception>
#include <string>

#include "base/status.h"

namespace soci {
class session;
}  // namespace soci

namespace flotilla::controller {

// What differs between databases; the statements themselves are common (sql_schema, sql_rows).
class SqlDialect {
 public:
  virtual ~SqlDialect() = default;
  // Opens and sets up `session` for durable commits. Throws as SOCI does.
  virtual void Connect(soci::session& session) const = 0;
  // Column type of serialised messages: "BLOB", "BYTEA".
  virtual std::string BlobType() const = 0;
  // SQL for 32 random hexadecimal digits.
  virtual std::string RandomIdExpression() const = 0;
  // The status of what SOCI threw, by FleetStore's codes.
  virtual Status StatusOf(const std::exception& error) const = 0;

 protected:
  SqlDialect() = default;
  SqlDialect(const SqlDialect&) = default;
  SqlDialect& operator=(const SqlDialect&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_DIALECT_H_
