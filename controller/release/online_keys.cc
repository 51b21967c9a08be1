#include "controller/release/online_keys.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "base/log.h"
#include "security/key_file.h"
#include "security/tuf/key.h"

namespace flotilla::controller {
namespace {

bool IsKeyOf(const std::filesystem::path& file, const std::string& role) {
  const std::string stem = file.stem().string();
  return file.extension() == ".key" && (stem == role || stem.starts_with(role + "-"));
}

}  // namespace

StatusOr<std::shared_ptr<security::Signer>> OnlineKeyFolder::Find(const std::string& role,
                                                                  const tuf::Root& root) {
  const tuf::RoleKeys& wanted = role == "snapshot" ? root.snapshot : root.timestamp;
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (IsKeyOf(entry->path(), role)) {
      files.push_back(entry->path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    auto key = security::LoadSigner(file, "");
    if (!key.ok()) {
      LogStatus(LogLevel::kWarning, "release.online_key_unreadable", key.status());
      continue;
    }
    const std::string id = tuf::KeyId((*key)->public_key());
    if (std::find(wanted.key_ids.begin(), wanted.key_ids.end(), id) != wanted.key_ids.end()) {
      return std::shared_ptr<security::Signer>(std::move(key).value());
    }
  }
  return FailedPrecondition("root " + std::to_string(root.common.version) + " names a " + role +
                            " key that this controller does not hold; flotilla-controller "
                            "online-key " +
                            role + " makes one, and root edit --set-key " + role +
                            "=FILE.pub names it");
}

}  // namespace flotilla::controller
