#include "security/tuf/key.h"

#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "base/digest.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/sha256.h"
#include "security/tuf/fields.h"
#include "security/tuf/json.h"

namespace flotilla::tuf {

namespace json = boost::json;

json::object KeyObject(const security::PublicKey& key) {
  json::object value;
  value["keytype"] = key.tuf_keytype();
  value["scheme"] = key.tuf_scheme();
  json::object inner;
  inner["public"] = key.tuf_value();
  value["keyval"] = std::move(inner);
  return value;
}

StatusOr<std::string> KeyIdOf(const json::object& key_object) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, EncodeCanonical(key_object));
  return security::Sha256(AsBytes(text)).ToHex();
}

std::string KeyId(const security::PublicKey& key) {
  // KeyObject has strings only, so it always encodes.
  return KeyIdOf(KeyObject(key)).value();
}

StatusOr<KeyMap> ParseKeys(const json::object& keys) {
  KeyMap map;
  for (const json::key_value_pair& member : keys) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* object, AsObject(member.value(), "key"));
    FLOTILLA_ASSIGN_OR_RETURN(const std::string keytype, TextField(*object, "keytype"));
    FLOTILLA_ASSIGN_OR_RETURN(const std::string scheme, TextField(*object, "scheme"));
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* keyval, ObjectField(*object, "keyval"));
    FLOTILLA_ASSIGN_OR_RETURN(const std::string id, KeyIdOf(*object));
    if (id != std::string_view(member.key())) {
      return WithReason(
          DataLoss("key id " + std::string(member.key()) + " is not its key's, which is " + id),
          v1::FAILURE_REASON_FORM_KEYID_MISMATCH);
    }
    Key key;
    const json::value* text = keyval->if_contains("public");
    if (text != nullptr && text->is_string()) {
      auto usable = security::PublicKey::FromTuf(keytype, scheme, text->get_string());
      if (usable.ok()) {
        key.usable = std::move(usable).value();
      }
    }
    map.emplace(id, std::move(key));
  }
  return map;
}

}  // namespace flotilla::tuf
