#include "controller/bootstrap/online_key.h"

#include <utility>

#include "base/file.h"
#include "security/key_file.h"
#include "security/tuf/key.h"

namespace flotilla::controller {

StatusOr<NewOnlineKey> MakeOnlineKey(const StateLayout& layout, const std::string& role,
                                     DurableFs& fs) {
  if (role != "snapshot" && role != "timestamp") {
    return InvalidArgument("'" + role + "': online keys are those of snapshot and timestamp");
  }
  const std::filesystem::path folder = layout.online_keys();
  std::string stem = role;
  for (int number = 2; FileSize(folder / (stem + ".key")).ok(); ++number) {
    stem = role + "-" + std::to_string(number);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto key, security::GenerateEd25519());
  NewOnlineKey made{folder / (stem + ".pub"), tuf::KeyId(key->public_key())};
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, folder));
  FLOTILLA_RETURN_IF_ERROR(security::SavePublicKey(fs, made.public_key, key->public_key()));
  FLOTILLA_RETURN_IF_ERROR(security::SaveSigner(fs, folder / (stem + ".key"), *key, ""));
  return made;
}

}  // namespace flotilla::controller
