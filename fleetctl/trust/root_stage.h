// A folder in which a root is made: N.root.json, and for the first one an empty 1.targets.json,
// signed one key at a time, on one machine or several, without any network.
#ifndef FLOTILLA_FLEETCTL_TRUST_ROOT_STAGE_H_
#define FLOTILLA_FLEETCTL_TRUST_ROOT_STAGE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/durable_fs.h"
#include "base/status.h"
#include "security/signer.h"
#include "security/tuf/metadata.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {

// What a staged file still needs.
struct StagedSignatures {
  std::string role;
  std::int64_t version = 0;
  std::int64_t threshold = 0;
  std::vector<std::string> signed_by;  // good signatures, by key id
  std::vector<std::string> missing;    // keys that may still sign
};

class RootStage {
 public:
  // INVALID_ARGUMENT: no root, more than one, or a file that is no metadata.
  static StatusOr<RootStage> Load(const std::filesystem::path& folder);
  // A new stage of the first root and an empty first targets. ALREADY_EXISTS: a stage is there.
  static StatusOr<RootStage> Create(DurableFs& fs, const std::filesystem::path& folder,
                                    const tuf::Draft& root, Time targets_expire);

  // Signs each staged file that the key belongs to. The roles that were signed; PERMISSION_DENIED
  // when there is none.
  StatusOr<std::vector<std::string>> Sign(DurableFs& fs, security::Signer& signer);
  std::vector<StagedSignatures> Signatures() const;
  const tuf::Root& root() const { return root_; }
  // By role: "root", "targets".
  const std::map<std::string, tuf::Draft>& drafts() const { return drafts_; }

 private:
  explicit RootStage(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Status Read(const std::string& role, const std::filesystem::path& file);
  Status Save(DurableFs& fs, const std::string& role) const;

  std::filesystem::path folder_;
  std::map<std::string, tuf::Draft> drafts_;
  tuf::Root root_;
};

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_ROOT_STAGE_H_
