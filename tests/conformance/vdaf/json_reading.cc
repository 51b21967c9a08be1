#include "tests/conformance/vdaf/json_reading.h"

#include <limits>
#include <utility>
#include <vector>

#include "base/file.h"

namespace flotilla::conformance {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kMaxFileBytes = 64 << 20;

Status Wrong(const std::string& what, const std::string& expected) {
  return DataLoss(what + " is not " + expected);
}

StatusOr<json::value> ValueAt(const json::object& object, const std::string& key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return DataLoss("there is no key " + key);
  return *value;
}

}  // namespace

StatusOr<json::object> ReadVectorFile(const std::filesystem::path& path) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxFileBytes));
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(AsText(bytes).data(), bytes.size()), error);
  if (error) return DataLoss("no JSON: " + error.message());
  if (!value.is_object()) return DataLoss("no JSON object");
  return std::move(value.as_object());
}

StatusOr<std::int64_t> AsInteger(const json::value& value, const std::string& what) {
  if (value.is_bool()) return value.as_bool() ? 1 : 0;
  if (value.is_int64()) return value.as_int64();
  return Wrong(what, "an integer of 64 bits");
}

StatusOr<Bytes> AsHex(const json::value& value, const std::string& what) {
  if (!value.is_string()) return Wrong(what, "a string");
  const json::string& text = value.as_string();
  StatusOr<Bytes> bytes = HexDecode({text.data(), text.size()});
  if (!bytes.ok()) return Wrong(what, "hexadecimal");
  return bytes;
}

StatusOr<std::vector<Bytes>> AsHexList(const json::value& value, const std::string& what) {
  if (!value.is_array()) return Wrong(what, "a list");
  std::vector<Bytes> list;
  for (const json::value& element : value.as_array()) {
    FLOTILLA_ASSIGN_OR_RETURN(Bytes bytes, AsHex(element, what));
    list.push_back(std::move(bytes));
  }
  return list;
}

StatusOr<std::int64_t> IntegerAt(const json::object& object, const std::string& key) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::value value, ValueAt(object, key));
  return AsInteger(value, key);
}

StatusOr<std::uint32_t> CountAt(const json::object& object, const std::string& key) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t number, IntegerAt(object, key));
  if (number < 0 || number > std::numeric_limits<std::uint32_t>::max()) {
    return Wrong(key, "a number of 32 bits");
  }
  return static_cast<std::uint32_t>(number);
}

StatusOr<bool> FlagAt(const json::object& object, const std::string& key) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::value value, ValueAt(object, key));
  if (!value.is_bool()) return Wrong(key, "true or false");
  return value.as_bool();
}

StatusOr<std::string> TextAt(const json::object& object, const std::string& key) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::value value, ValueAt(object, key));
  if (!value.is_string()) return Wrong(key, "a string");
  return std::string(value.as_string().data(), value.as_string().size());
}

StatusOr<Bytes> HexAt(const json::object& object, const std::string& key) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::value value, ValueAt(object, key));
  return AsHex(value, key);
}

StatusOr<json::array> ArrayAt(const json::object& object, const std::string& key) {
  FLOTILLA_ASSIGN_OR_RETURN(json::value value, ValueAt(object, key));
  if (!value.is_array()) return Wrong(key, "a list");
  return std::move(value.as_array());
}

}  // namespace flotilla::conformance
