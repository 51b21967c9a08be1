#ifndef FLOTILLA_CONTROLLER_RELEASE_ONLINE_KEYS_H_
#define FLOTILLA_CONTROLLER_RELEASE_ONLINE_KEYS_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "security/signer.h"
#include "security/tuf/metadata.h"

namespace flotilla::controller {

// Port: the private keys of snapshot and timestamp that this controller holds. While a key is being
// replaced it holds two of a role; the root says which of them counts. Real: OnlineKeyFolder.
// Thread-safe. May block.
class OnlineKeys {
 public:
  virtual ~OnlineKeys() = default;
  // A key that `root` lists for the role, "snapshot" or "timestamp". FAILED_PRECONDITION: this
  // controller holds none of them.
  virtual StatusOr<std::shared_ptr<security::Signer>> Find(const std::string& role,
                                                           const tuf::Root& root) = 0;

 protected:
  OnlineKeys() = default;
  OnlineKeys(const OnlineKeys&) = default;
  OnlineKeys& operator=(const OnlineKeys&) = default;
};

// Files <role>.key, <role>-2.key, ... of a folder, read anew each time: a key that an operator
// makes or deletes counts at once.
class OnlineKeyFolder final : public OnlineKeys {
 public:
  explicit OnlineKeyFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  StatusOr<std::shared_ptr<security::Signer>> Find(const std::string& role,
                                                   const tuf::Root& root) override;

 private:
  std::filesystem::path folder_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_ONLINE_KEYS_H_
