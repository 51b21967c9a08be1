#include "controller/storage/sql_body.h"

#include <string_view>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "controller/storage/sql_values.h"

namespace flotilla::controller {
namespace {

constexpr std::string_view kHexMark = "\\x";

}  // namespace

SqlBody::SqlBody(soci::session& session, const SqlDialect& dialect) {
  if (dialect.words().body_form == BodyForm::kBlob) {
    value_.emplace<soci::blob>(session);
  }
}

soci::details::into_type_ptr SqlBody::Into() {
  if (auto* blob = std::get_if<soci::blob>(&value_)) {
    return {new soci::details::into_type<soci::blob>(*blob)};
  }
  return {new soci::details::into_type<std::string>(std::get<std::string>(value_))};
}

StatusOr<std::string> SqlBody::Stored(const char* table) {
  if (auto* blob = std::get_if<soci::blob>(&value_)) {
    std::string bytes(blob->get_len(), '\0');
    blob->read(0, bytes.data(), bytes.size());
    return bytes;
  }
  const std::string_view text = std::get<std::string>(value_);
  const StatusOr<Bytes> bytes = text.starts_with(kHexMark) ? HexDecode(text.substr(kHexMark.size()))
                                                           : StatusOr<Bytes>(DataLoss("no bytes"));
  if (!bytes.ok()) {
    return DataLoss(absl::StrCat("unreadable row in table ", table));
  }
  return ToText(*bytes);
}

Status SqlBody::Read(const char* table, google::protobuf::MessageLite& message) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string bytes, Stored(table));
  return ParseBody(bytes, table, message);
}

}  // namespace flotilla::controller
