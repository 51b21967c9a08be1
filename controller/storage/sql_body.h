#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_BODY_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_BODY_H_

#include <string>
#include <variant>

#include <soci/soci.h>
#include "google/protobuf/message_lite.h"

#include "base/status.h"
#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// The column of a serialised message while rows are read. Lives as long as the statement.
class SqlBody {
 public:
  SqlBody(soci::session& session, const SqlDialect& dialect);

  // For the list of a statement's results. Once.
  soci::details::into_type_ptr Into();
  // Of the row that was fetched last, as it is stored. DATA_LOSS naming `table`.
  StatusOr<std::string> Stored(const char* table);
  // The message in it. DATA_LOSS naming `table`.
  Status Read(const char* table, google::protobuf::MessageLite& message);

 private:
  std::variant<std::string, soci::blob> value_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_BODY_H_
