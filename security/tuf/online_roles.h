// What the controller signs: snapshot and timestamp over metadata that publishers signed offline.
#ifndef FLOTILLA_SECURITY_TUF_ONLINE_ROLES_H_
#define FLOTILLA_SECURITY_TUF_ONLINE_ROLES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "security/signer.h"
#include "security/tuf/client.h"

namespace flotilla::tuf {

// The metadata folder of a repository, by file name: "1.root.json", "timestamp.json",
// "4.snapshot.json", "2.targets.json", "7.models-pump-assistant.json".
using RepositoryFiles = std::map<std::string, Bytes>;

struct OnlineLives {
  Duration snapshot = absl::Hours(14 * 24);
  Duration timestamp = absl::Hours(3 * 24);
};

struct OnlineMetadata {
  std::int64_t snapshot_version = 0;
  std::string snapshot_name;  // "5.snapshot.json"
  Bytes snapshot;
  std::int64_t timestamp_version = 0;
  Bytes timestamp;  // "timestamp.json"
};

// Borrows the signers, which must outlive it.
class OnlineRoles {
 public:
  // No version below `least_version` is made, whatever stands in the files: after a restore.
  OnlineRoles(security::Signer& snapshot, security::Signer& timestamp, const OnlineLives& lives,
              std::int64_t least_version = 0);

  // A snapshot over the newest file of every targets role in `files`, one version above the newest
  // snapshot there, and a timestamp over it. Write the snapshot first, the timestamp last.
  // INVALID_ARGUMENT when there is no targets file. FAILED_PRECONDITION: the newest version is the
  // last there can be.
  StatusOr<OnlineMetadata> SignAll(const RepositoryFiles& files, Time now) const;
  // As SignAll, for a bundle that is carried to devices: both good for `life`, the timestamp marked
  // so that no network fetcher takes it. Publish what SignAll makes over it before it leaves: a
  // device that has seen this one takes nothing older.
  StatusOr<OnlineMetadata> SignBundle(const RepositoryFiles& files, Time now, Duration life) const;
  // Only a new timestamp over the newest snapshot; snapshot fields of the answer name that one.
  // INVALID_ARGUMENT when there is no snapshot yet.
  StatusOr<OnlineMetadata> RefreshTimestamp(const RepositoryFiles& files, Time now) const;

 private:
  StatusOr<OnlineMetadata> SignSnapshot(const RepositoryFiles& files, Time now, Time end) const;
  StatusOr<OnlineMetadata> SignTimestamp(const RepositoryFiles& files, OnlineMetadata made,
                                         Time now, Time end, std::string_view source) const;

  security::Signer& snapshot_;
  security::Signer& timestamp_;
  OnlineLives lives_;
  std::int64_t least_version_;
};

// Version and role of a metadata file name: "7.models-x.json" -> {7, "models-x"}, percent-decoded;
// "timestamp.json" -> {0, "timestamp"}. INVALID_ARGUMENT for other names.
struct MetadataName {
  std::int64_t version = 0;
  std::string role;
};
StatusOr<MetadataName> ParseMetadataName(const std::string& file_name);
// The other way; version 0 gives the name without one.
std::string MetadataFileName(const std::string& role, std::int64_t version);

struct FreshClientView {
  MetadataVersions versions;
  std::vector<TargetInfo> targets;
  std::map<std::string, LinePolicy> policies;  // by role
  // Delegated roles that have expired, and when: devices refuse what they list until they are
  // signed anew. Their targets and policies are in the view all the same.
  std::map<std::string, Time> lapsed;
};

// Runs TufClient over `files` as a device does that has only 1.root.json, at `now`, and loads every
// delegated role. The first error it meets, or what such a client trusts. One delegated role that
// has expired is no error: it concerns those devices alone that ask for a target of it.
StatusOr<FreshClientView> FreshClientAccepts(const RepositoryFiles& files, Time now);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_ONLINE_ROLES_H_
