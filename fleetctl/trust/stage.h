// A folder in which metadata waits for the signatures of several people on several machines. It is
// worked on without any network, and may be copied, carried and merged.
//
//   N+1.root.json, V+1.targets.json, W+1.models-x.json   what is to be published, all at once
//   trusted/N.root.json, trusted/V.targets.json          what it replaces, and whose keys count
#ifndef FLOTILLA_FLEETCTL_TRUST_STAGE_H_
#define FLOTILLA_FLEETCTL_TRUST_STAGE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "security/signer.h"
#include "security/tuf/metadata.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {

// One threshold that a staged file has to meet.
struct Requirement {
  std::string of;  // whose keys: "root 3"
  std::int64_t threshold = 0;
  std::vector<std::string> signed_by;  // good signatures, by key id
  std::vector<std::string> missing;    // keys that may still sign
  bool met = false;
};

struct StagedFile {
  std::string role;
  std::int64_t version = 0;
  // All of them; of a root after the first these are two: the old root's and its own.
  std::vector<Requirement> requirements;
  bool complete() const;
};

StatusOr<tuf::Root> RootOf(const tuf::Draft& draft);
StatusOr<tuf::Targets> TargetsOf(const std::string& role, const tuf::Draft& draft);

class Stage {
 public:
  using Drafts = std::map<std::string, tuf::Draft>;  // by role

  // INVALID_ARGUMENT: nothing is staged there, two versions of a role, or a file that is no
  // metadata. PERMISSION_DENIED: trusted/ holds a root that its own keys did not sign.
  static StatusOr<Stage> Load(const std::filesystem::path& folder);
  // Makes the folder. ALREADY_EXISTS when something is staged there.
  static StatusOr<Stage> Create(DurableFs& fs, const std::filesystem::path& folder);

  // One that lives in memory only: a change that is signed and published at once.
  static Stage InMemory() { return Stage({}); }

  // Stages a draft in place of an earlier one of its role.
  Status Put(DurableFs& fs, const std::string& role, tuf::Draft draft);
  // Keeps bytes that are published already as what is replaced. As Load.
  Status Trust(DurableFs& fs, const std::string& role, ByteView bytes);

  // Signs each staged file that the key counts for. The roles that were signed: none for a key that
  // the staged targets let sign for a role that has nothing yet; PERMISSION_DENIED for any other.
  StatusOr<std::vector<std::string>> Sign(DurableFs& fs, security::Signer& signer);
  // Takes over the signatures of a copy. The roles that gained some. INVALID_ARGUMENT: the copy
  // says something else.
  StatusOr<std::vector<std::string>> Merge(DurableFs& fs, const Stage& other);

  // Who signed, who is missing. FAILED_PRECONDITION: it is not known here who may sign a role.
  StatusOr<std::vector<StagedFile>> Files() const;

  // Empty in memory.
  const std::filesystem::path& folder() const { return folder_; }
  const Drafts& drafts() const { return drafts_; }
  const Drafts& trusted() const { return trusted_; }
  // Null when there is none.
  const tuf::Draft* Find(const std::string& role) const;
  const tuf::Draft* FindTrusted(const std::string& role) const;

 private:
  // Keys and a threshold over them.
  struct Rule {
    std::string of;
    tuf::KeyMap keys;
    tuf::RoleKeys role_keys;
  };

  explicit Stage(std::filesystem::path folder) : folder_(std::move(folder)) {}
  StatusOr<std::vector<Rule>> RulesOf(const std::string& role) const;
  StatusOr<std::vector<Rule>> RootRules() const;
  Status Save(DurableFs& fs, const std::string& role) const;

  std::filesystem::path folder_;
  Drafts drafts_;
  Drafts trusted_;
};

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_STAGE_H_
