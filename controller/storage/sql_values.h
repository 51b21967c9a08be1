#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_VALUES_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_VALUES_H_

#include <cstdint>
#include <string>

#include "google/protobuf/message_lite.h"

#include "base/digest.h"
#include "base/status.h"
#include "controller/storage/sql_table.h"

namespace flotilla::controller {

inline SqlNumber ToSql(std::uint64_t value) {
  return static_cast<SqlNumber>(value);
}
inline std::uint64_t FromSql(SqlNumber value) {
  return static_cast<std::uint64_t>(value);
}

// The message with one byte in front, so that an empty one is no NULL.
std::string BodyOf(const google::protobuf::MessageLite& message);
// DATA_LOSS naming `table`.
Status ParseBody(const std::string& body, const char* table,
                 google::protobuf::MessageLite& message);
// DATA_LOSS naming `table`.
Status ReadDigest(const std::string& hex, const char* table, Digest& digest);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_VALUES_H_
