#include "security/tuf/json_edit.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "security/tuf/fields.h"

namespace flotilla::tuf {

namespace json = boost::json;

json::object& MemberObject(json::object& object, std::string_view name) {
  json::value& value = object[name];
  if (!value.is_object()) {
    value = json::object();
  }
  return value.get_object();
}

json::array& MemberArray(json::object& object, std::string_view name) {
  json::value& value = object[name];
  if (!value.is_array()) {
    value = json::array();
  }
  return value.get_array();
}

json::object HashesObject(const Digest& sha256) {
  return {{"sha256", sha256.ToHex()}};
}

json::array TextArray(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) {
    array.emplace_back(text);
  }
  return array;
}

void KeepUsedKeys(json::object& keys, const std::vector<const json::object*>& roles) {
  std::set<std::string> used;
  for (const json::object* role : roles) {
    for (const std::string& id :
         TextArrayField(*role, "keyids").value_or(std::vector<std::string>())) {
      used.insert(id);
    }
  }
  std::vector<std::string> unused;
  for (const json::key_value_pair& member : keys) {
    if (!used.contains(std::string(member.key()))) {
      unused.emplace_back(member.key());
    }
  }
  for (const std::string& id : unused) {
    keys.erase(id);
  }
}

}  // namespace flotilla::tuf
