#include "engine/worker/json_fields.h"

#include <boost/json.hpp>

namespace flotilla::engine {
namespace {

Status WrongField(std::string_view name, const std::string& wanted) {
  return InvalidArgument("'" + std::string(name) + "' must be " + wanted);
}

}  // namespace

const boost::json::value* FindField(const boost::json::object& object, std::string_view name) {
  const boost::json::value* const value =
      object.if_contains(boost::json::string_view(name.data(), name.size()));
  return value == nullptr || value->is_null() ? nullptr : value;
}

StatusOr<std::optional<std::string>> TextField(const boost::json::object& object,
                                               std::string_view name) {
  const boost::json::value* const value = FindField(object, name);
  if (value == nullptr) {
    return std::optional<std::string>();
  }
  if (!value->is_string()) {
    return WrongField(name, "a string");
  }
  return std::optional<std::string>(value->get_string());
}

StatusOr<std::optional<double>> NumberField(const boost::json::object& object,
                                            std::string_view name, double least, double most) {
  const boost::json::value* const value = FindField(object, name);
  if (value == nullptr) {
    return std::optional<double>();
  }
  boost::system::error_code error;
  const auto number = value->is_number() ? value->to_number<double>(error) : least - 1.0;
  if (error.failed() || !(number >= least && number <= most)) {
    return WrongField(name,
                      "a number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return std::optional<double>(number);
}

StatusOr<std::optional<std::int64_t>> IntegerField(const boost::json::object& object,
                                                   std::string_view name, std::int64_t least,
                                                   std::int64_t most) {
  const boost::json::value* const value = FindField(object, name);
  if (value == nullptr) {
    return std::optional<std::int64_t>();
  }
  boost::system::error_code error = boost::json::error::not_number;
  const auto number = value->is_number() ? value->to_number<std::int64_t>(error) : 0;
  if (error.failed() || number < least || number > most) {
    return WrongField(
        name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return std::optional<std::int64_t>(number);
}

StatusOr<std::optional<bool>> FlagField(const boost::json::object& object, std::string_view name) {
  const boost::json::value* const value = FindField(object, name);
  if (value == nullptr) {
    return std::optional<bool>();
  }
  if (!value->is_bool()) {
    return WrongField(name, "true or false");
  }
  return std::optional<bool>(value->get_bool());
}

}  // namespace flotilla::engine
