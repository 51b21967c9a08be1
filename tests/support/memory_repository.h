#ifndef FLOTILLA_TESTS_SUPPORT_MEMORY_REPOSITORY_H_
#define FLOTILLA_TESTS_SUPPORT_MEMORY_REPOSITORY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "security/key_file.h"
#include "security/tuf/client.h"
#include "security/tuf/online_roles.h"
#include "security/tuf/repository.h"

namespace flotilla {

// A repository in memory that signs with its own Ed25519 keys and answers like a server, keeping a
// log of what was asked for. Not what production code would do: it ends the process on an error of
// its own making.
class MemoryRepository final : public tuf::MetadataFetcher {
 public:
  // Root 1, targets 1, snapshot 1 and timestamp 1, one key a role, all good for 30 days (snapshot
  // 14, timestamp 3) from `now`.
  explicit MemoryRepository(Time now);

  StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) override;

  // The private key called `name`, made when it is first asked for; that of a role has its name.
  security::KeyPair& Key(const std::string& name);

  // The newest metadata of a role, its version one higher, ready to be edited.
  tuf::Draft Edit(const std::string& role) const;
  // Signs with the keys of these names and stores under both the versioned and the plain name;
  // a timestamp under the plain name only.
  void Put(const std::string& role, tuf::Draft draft, const std::vector<std::string>& keys);
  // A new snapshot and timestamp over what is there.
  void PublishOnline(Time now);
  // Adds a delegation of targets to targets.json (terminating or not) and puts an empty role there.
  void Delegate(const tuf::DelegationSpec& spec, Time expires);

  const Bytes& factory_root() const { return factory_root_; }
  tuf::RepositoryFiles& files() { return files_; }
  // File names in the order they were asked for.
  std::vector<std::string>& requests() { return requests_; }
  // Answers instead of the file, until it is removed.
  std::map<std::string, Status>& failures() { return failures_; }

 private:
  tuf::RepositoryFiles files_;
  std::map<std::string, std::unique_ptr<security::KeyPair>> keys_;
  Bytes factory_root_;
  std::vector<std::string> requests_;
  std::map<std::string, Status> failures_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_MEMORY_REPOSITORY_H_
