#include "controller/storage/postgres_array.h"

#include "absl/strings/str_cat.h"

#include "base/bytes.h"

namespace flotilla::controller {
namespace {

void AppendText(const std::string& text, std::string& array) {
  array.push_back('"');
  for (const char c : text) {
    if (c == '\0') {
      break;
    }
    if (c == '"' || c == '\\') {
      array.push_back('\\');
    }
    array.push_back(c);
  }
  array.push_back('"');
}

void AppendValue(const SqlValue& value, SqlType type, std::string& array) {
  if (const auto* number = std::get_if<SqlNumber>(&value)) {
    absl::StrAppend(&array, *number);
    return;
  }
  const auto& text = std::get<std::string>(value);
  if (type == SqlType::kBody) {
    absl::StrAppend(&array, "\"\\\\x", HexEncode(AsBytes(text)), "\"");
  } else {
    AppendText(text, array);
  }
}

}  // namespace

const char* PostgresArrayType(SqlType type) {
  switch (type) {
    case SqlType::kNumber:
      return "bigint[]";
    case SqlType::kBody:
      return "bytea[]";
    case SqlType::kText:
    case SqlType::kUnspecified:
      break;
  }
  return "text[]";
}

std::string PostgresArray(std::span<const SqlRow> rows, std::size_t index, SqlType type) {
  std::string array = "{";
  for (const SqlRow& row : rows) {
    if (array.size() > 1) {
      array.push_back(',');
    }
    AppendValue(row[index], type, array);
  }
  array.push_back('}');
  return array;
}

}  // namespace flotilla::controller
