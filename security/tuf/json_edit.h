// Building JSON objects of metadata; used by the writer's side of this folder only.
#ifndef FLOTILLA_SECURITY_TUF_JSON_EDIT_H_
#define FLOTILLA_SECURITY_TUF_JSON_EDIT_H_

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/digest.h"

namespace flotilla::tuf {

// The member as an object (an array), made empty when it is missing or of another kind.
boost::json::object& MemberObject(boost::json::object& object, std::string_view name);
boost::json::array& MemberArray(boost::json::object& object, std::string_view name);

boost::json::array TextArray(const std::vector<std::string>& texts);
// {"sha256": "..."}.
boost::json::object HashesObject(const Digest& sha256);

// Drops from `keys` what the "keyids" of none of `roles` names.
void KeepUsedKeys(boost::json::object& keys, const std::vector<const boost::json::object*>& roles);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_JSON_EDIT_H_
