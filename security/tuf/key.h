// Keys as metadata lists them.
#ifndef FLOTILLA_SECURITY_TUF_KEY_H_
#define FLOTILLA_SECURITY_TUF_KEY_H_

#include <map>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "base/status.h"
#include "security/public_key.h"

namespace flotilla::tuf {

struct Key {
  // Absent for a kind or value this build cannot use: the key may stand there, it never counts.
  std::optional<security::PublicKey> usable;
};
// By key id.
using KeyMap = std::map<std::string, Key>;

// The key object that metadata carries: {"keytype", "keyval": {"public"}, "scheme"}.
boost::json::object KeyObject(const security::PublicKey& key);
// SHA-256 of the canonical form of a whole key object, unknown fields included; 64 hex digits.
StatusOr<std::string> KeyIdOf(const boost::json::object& key_object);
// KeyIdOf(KeyObject(key)).
std::string KeyId(const security::PublicKey& key);

// A "keys" object of root or delegations. DATA_LOSS with FORM_SCHEMA or FORM_KEYID_MISMATCH.
StatusOr<KeyMap> ParseKeys(const boost::json::object& keys);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_KEY_H_
