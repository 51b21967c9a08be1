// Typed access to the members of a JSON object, with errors that name the member.
#ifndef FLOTILLA_SECURITY_TUF_FIELDS_H_
#define FLOTILLA_SECURITY_TUF_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/status.h"
#include "base/time.h"

namespace flotilla::tuf {

// DATA_LOSS with FORM_SCHEMA: "`what`".
Status SchemaError(const std::string& what);

// Each: SchemaError when the member is missing or of another type. Pointers live as long as
// `object`.
StatusOr<const boost::json::object*> ObjectField(const boost::json::object& object,
                                                 std::string_view name);
StatusOr<const boost::json::array*> ArrayField(const boost::json::object& object,
                                               std::string_view name);
StatusOr<std::string> TextField(const boost::json::object& object, std::string_view name);
// At least `min`.
StatusOr<std::int64_t> IntField(const boost::json::object& object, std::string_view name,
                                std::int64_t min);
StatusOr<Time> TimeField(const boost::json::object& object, std::string_view name);
StatusOr<std::vector<std::string>> TextArrayField(const boost::json::object& object,
                                                  std::string_view name);
// `fallback` when it is missing.
StatusOr<bool> BoolField(const boost::json::object& object, std::string_view name, bool fallback);

bool HasField(const boost::json::object& object, std::string_view name);
// The value of an array's element as an object. SchemaError naming `what`.
StatusOr<const boost::json::object*> AsObject(const boost::json::value& value,
                                              std::string_view what);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_FIELDS_H_
