// Optional, typed fields of a JSON object that a client sent. Null counts as absent, as in OpenAI's
// interface. All errors: INVALID_ARGUMENT naming the field.
#ifndef FLOTILLA_ENGINE_WORKER_JSON_FIELDS_H_
#define FLOTILLA_ENGINE_WORKER_JSON_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/status.h"

namespace flotilla::engine {

// Null when absent.
const boost::json::value* FindField(const boost::json::object& object, std::string_view name);

StatusOr<std::optional<std::string>> TextField(const boost::json::object& object,
                                               std::string_view name);
StatusOr<std::optional<double>> NumberField(const boost::json::object& object,
                                            std::string_view name, double least, double most);
StatusOr<std::optional<std::int64_t>> IntegerField(const boost::json::object& object,
                                                   std::string_view name, std::int64_t least,
                                                   std::int64_t most);
StatusOr<std::optional<bool>> FlagField(const boost::json::object& object, std::string_view name);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_JSON_FIELDS_H_
