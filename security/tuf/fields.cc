#include "security/tuf/fields.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

Status Wrong(std::string_view name, std::string_view wanted) {
  return SchemaError("'" + std::string(name) + "' must be " + std::string(wanted));
}

}  // namespace

Status SchemaError(const std::string& what) {
  return WithReason(DataLoss(what), v1::FAILURE_REASON_FORM_SCHEMA);
}

StatusOr<const json::object*> AsObject(const json::value& value, std::string_view what) {
  const json::object* object = value.if_object();
  if (object == nullptr) {
    return Wrong(what, "an object");
  }
  return object;
}

StatusOr<const json::object*> ObjectField(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_object()) {
    return Wrong(name, "an object");
  }
  return &value->get_object();
}

StatusOr<const json::array*> ArrayField(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) {
    return Wrong(name, "an array");
  }
  return &value->get_array();
}

StatusOr<std::string> TextField(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) {
    return Wrong(name, "a string");
  }
  return std::string(value->get_string());
}

StatusOr<std::int64_t> IntField(const json::object& object, std::string_view name,
                                std::int64_t min) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < min) {
    return Wrong(name, "an integer of at least " + std::to_string(min));
  }
  return value->get_int64();
}

StatusOr<Time> TimeField(const json::object& object, std::string_view name) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, TextField(object, name));
  auto time = ParseUtcText(text);
  if (!time.ok()) {
    return Wrong(name, "a time as 2026-01-31T23:59:59Z");
  }
  return time;
}

StatusOr<std::vector<std::string>> TextArrayField(const json::object& object,
                                                  std::string_view name) {
  FLOTILLA_ASSIGN_OR_RETURN(const json::array* array, ArrayField(object, name));
  std::vector<std::string> texts;
  texts.reserve(array->size());
  for (const json::value& element : *array) {
    const json::string* text = element.if_string();
    if (text == nullptr) {
      return Wrong(name, "an array of strings");
    }
    texts.emplace_back(*text);
  }
  return texts;
}

StatusOr<bool> BoolField(const json::object& object, std::string_view name, bool fallback) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) {
    return fallback;
  }
  if (!value->is_bool()) {
    return Wrong(name, "true or false");
  }
  return value->get_bool();
}

bool HasField(const json::object& object, std::string_view name) {
  return object.contains(name);
}

}  // namespace flotilla::tuf
