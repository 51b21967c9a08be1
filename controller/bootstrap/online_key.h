#ifndef FLOTILLA_CONTROLLER_BOOTSTRAP_ONLINE_KEY_H_
#define FLOTILLA_CONTROLLER_BOOTSTRAP_ONLINE_KEY_H_

#include <filesystem>
#include <string>

#include "base/durable_fs.h"
#include "base/status.h"
#include "controller/bootstrap/state_layout.h"

namespace flotilla::controller {

struct NewOnlineKey {
  std::filesystem::path public_key;
  std::string key_id;
};

// Makes one more key of "snapshot" or "timestamp" beside those that are there. It signs from the
// moment a root lists it. INVALID_ARGUMENT: another role.
StatusOr<NewOnlineKey> MakeOnlineKey(const StateLayout& layout, const std::string& role,
                                     DurableFs& fs);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BOOTSTRAP_ONLINE_KEY_H_
