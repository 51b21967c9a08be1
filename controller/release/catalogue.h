#ifndef FLOTILLA_CONTROLLER_RELEASE_CATALOGUE_H_
#define FLOTILLA_CONTROLLER_RELEASE_CATALOGUE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/release.pb.h"

#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/release/blob_repository.h"
#include "controller/release/online_keys.h"
#include "security/tuf/online_roles.h"

namespace flotilla::controller {

// What a publication made of the repository.
struct Publication {
  std::int64_t snapshot_version = 0;
  std::int64_t timestamp_version = 0;
  std::vector<v1::Release> added;  // releases that were not there before, newest first
};

// When the newest file of a role ends. `life` of what the controller signs anew by itself; zero for
// what people sign.
struct RoleExpiry {
  std::string role;
  Time expires_at;
  Duration life = absl::ZeroDuration();
};

struct CatalogueOptions {
  std::filesystem::path repository;
  tuf::OnlineLives lives;
  // SHA-256 of the only 1.root.json that may be published; absent: whoever may publish first says
  // what the root is.
  std::optional<Digest> first_root;
  // Snapshot and timestamp have at least this version, after a restore; 0: it makes no difference.
  std::int64_t least_version = 0;
};

// The release repository: a folder that any HTTP server can serve.
//
//   metadata/  N.root.json, N.<role>.json, N.snapshot.json, timestamp.json
//   targets/   <dir>/<sha256>.<name>, hard links into blobs/
//   blobs/     <sha256>
//
// Takes offline-signed metadata only when a device that knows nothing but 1.root.json would accept
// the result, and signs snapshot and timestamp over it. Thread-safe; all calls but Releases block
// on the disk, so they belong on a thread that may.
class Catalogue {
 public:
  // Makes the folders. `blobs` is on <repository>/blobs; `keys` are asked at each signing. Reads
  // what is there and brings links and online signatures up to date; a repository whose offline
  // roles have expired opens, and offers no release until they are signed anew. All references
  // outlive it. DATA_LOSS with STORAGE_STATE_CORRUPT: a file of the repository is missing.
  static StatusOr<std::unique_ptr<Catalogue>> Open(const CatalogueOptions& options,
                                                   OnlineKeys& keys, BlobRepository& blobs,
                                                   DurableFs& fs, Time now);

  // All files or none; publishing the same files again changes nothing. Names carry their version
  // or not. Errors, with the typed reason, nothing changed:
  // INVALID_ARGUMENT: a file that is no offline role's metadata, or more than 16.
  // PERMISSION_DENIED: a fresh client would refuse the result (threshold, expiry, delegation), or a
  // version that is not above the one here (TRUST_ROLLBACK_*, TRUST_VERSION_MISMATCH), or a first
  // root that is not the one of the options.
  // FAILED_PRECONDITION: a target's blob is missing, or the root names an online key that is not
  // here. Also those of ReadReleases.
  // Where a new root in the same publication gives snapshot other keys, targets roles may fall.
  // A delegated role that has lapsed hinders neither its own renewal nor the others; its releases
  // are not offered meanwhile.
  StatusOr<Publication> Publish(const std::vector<v1::MetadataFile>& files, Time now);

  // A device has these versions of snapshot and timestamp: newer ones are online when this returns.
  // OK and nothing done where one here is no older, or nothing was published yet.
  Status RaisePast(std::int64_t snapshot_version, std::int64_t timestamp_version, Time now);

  // Signs a new timestamp when half of its life is over, and a new snapshot too when half of that
  // one's is. OK and nothing done when neither is due or nothing was published yet. Call it every
  // minute.
  Status Refresh(Time now);

  // The newest metadata but the roots, with a snapshot and a marked timestamp that are good for
  // `life` (1 h to 90 d; INVALID_ARGUMENT), for a bundle. Their versions are the next ones, and
  // newer ones are online before this returns, so that no device that takes the bundle is stuck
  // with it. FAILED_PRECONDITION: nothing was published yet.
  StatusOr<std::vector<v1::MetadataFile>> SignBundle(Time now, Duration life);

  // The newest file of a role, or that version of root. NOT_FOUND.
  StatusOr<v1::MetadataFile> GetMetadata(const std::string& role, std::int64_t version) const;
  // A key of timestamp that the newest root lists, for one other thread to sign with; null before
  // the first publication. Never blocks.
  std::shared_ptr<security::Signer> timestamp_key() const;
  // All, newest first; as of the last good publication.
  std::vector<v1::Release> Releases() const;
  // One a role, by name.
  std::vector<RoleExpiry> Expiries() const;
  // Those of `digests` that no blob has.
  std::vector<Digest> MissingBlobs(const std::vector<Digest>& digests) const;

 private:
  // The online keys that the newest root lists.
  struct Signers {
    std::shared_ptr<security::Signer> snapshot;
    std::shared_ptr<security::Signer> timestamp;
  };

  Catalogue(CatalogueOptions options, OnlineKeys& keys, BlobRepository& blobs, DurableFs& fs);
  Status Start(Time now);
  // Links and lists what a fresh client sees.
  Status Offer(Time now);
  Status RefreshLocked(Time now);
  tuf::OnlineRoles RolesOf(const Signers& signers) const;
  StatusOr<Signers> SignersFor(const tuf::RepositoryFiles& files) const;
  void TakeTimestampKey();
  Status CheckFirstRoot(const tuf::RepositoryFiles& taken) const;
  // Releases of roles that have not lapsed.
  StatusOr<std::vector<v1::Release>> Offered(tuf::FreshClientView view,
                                             const tuf::RepositoryFiles& files) const;
  Status Write(const tuf::RepositoryFiles& next);

  const CatalogueOptions options_;
  OnlineKeys& keys_;
  BlobRepository& blobs_;
  DurableFs& fs_;
  mutable std::mutex mutex_;
  std::int64_t least_version_;  // guarded by mutex_
  tuf::RepositoryFiles files_;  // as devices are served them; guarded by mutex_
  std::vector<v1::Release> releases_;
  mutable std::mutex key_mutex_;
  std::shared_ptr<security::Signer> timestamp_key_;  // guarded by key_mutex_
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_CATALOGUE_H_
