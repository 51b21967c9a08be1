#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_VALUES_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_VALUES_H_

#include <string>

#include <soci/soci.h>
#include "google/protobuf/message_lite.h"

#include "base/digest.h"
#include "base/status.h"

namespace flotilla::controller {

// Database columns hold signed numbers; the bits stay.
using SqlNumber = long long;

inline SqlNumber ToSql(std::uint64_t value) {
  return static_cast<SqlNumber>(value);
}
inline std::uint64_t FromSql(SqlNumber value) {
  return static_cast<std::uint64_t>(value);
}

// The message with one byte in front, so that an empty one is no NULL.
void WriteBody(const google::protobuf::MessageLite& message, soci::blob& body);
// DATA_LOSS naming `table`.
Status ReadBody(soci::blob& body, const char* table, google::protobuf::MessageLite& message);
// DATA_LOSS naming `table`.
Status ReadDigest(const std::string& hex, const char* table, Digest& digest);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_VALUES_H_
