#ifndef FLOTILLA_TESTS_SWARM_FLEET_IDENTITY_BOOK_H_
#define FLOTILLA_TESTS_SWARM_FLEET_IDENTITY_BOOK_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"

#include "base/status.h"

namespace flotilla::swarm {

// What one simulated device keeps from run to run.
struct KeptDevice {
  std::string id;
  std::string key_pem;
  std::string chain_pem;
  std::vector<v1::LineStatus> installed;
};

// The devices of a folder: authority.pem and devices.jsonl, mode 0600. Blocking; one thread.
class IdentityBook {
 public:
  // An empty path keeps nothing. A folder without the files is an empty book. INVALID_ARGUMENT: a
  // line that is not one of ours; else by errno.
  static StatusOr<IdentityBook> Open(const std::filesystem::path& folder);

  const std::string& authority_pem() const { return authority_pem_; }
  void SetAuthority(std::string pem) { authority_pem_ = std::move(pem); }
  std::vector<KeptDevice>& devices() { return devices_; }
  // Writes everything; a cut in the middle leaves the old files.
  Status Save() const;

 private:
  explicit IdentityBook(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path folder_;
  std::string authority_pem_;
  std::vector<KeptDevice> devices_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_IDENTITY_BOOK_H_
