// The client workflow of TUF 1.0 (specification section 5): which bytes are a release, said by the
// publisher, fresh, and never older than what this device has seen.
#ifndef FLOTILLA_SECURITY_TUF_CLIENT_H_
#define FLOTILLA_SECURITY_TUF_CLIENT_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "base/time.h"
#include "security/tuf/metadata.h"

namespace flotilla::tuf {

class MetadataStore;
class TrustedSet;
struct NextRoot;

// Port: gets metadata files of a repository. Blocking. Real: ota/fetch. One thread at a time.
class MetadataFetcher {
 public:
  virtual ~MetadataFetcher() = default;
  // The file's bytes, exactly as the server has them. `file_name` is safe in a URL as it stands
  // ("3.models-pump.json"). NOT_FOUND with FETCH_NOT_FOUND: the server answered 404 or 403.
  // DATA_LOSS with FETCH_TOO_LARGE: more than `max_bytes`, cut there. UNAVAILABLE,
  // DEADLINE_EXCEEDED with a FETCH_* reason: try later.
  virtual StatusOr<Bytes> Fetch(const std::string& file_name, std::uint64_t max_bytes) = 0;
  // A refresh or a search begins: what the fetcher grants to all requests of one together (its
  // deadline) starts anew. A fetcher without such a grant needs nothing here.
  virtual void StartRound() {}

 protected:
  MetadataFetcher() = default;
  MetadataFetcher(const MetadataFetcher&) = default;
  MetadataFetcher& operator=(const MetadataFetcher&) = default;
};

// Where the metadata of a refresh comes from. A long-lived timestamp made for a medium
// (x-flotilla-source: bundle) is refused from the network (TRUST_BUNDLE_TIMESTAMP), so that it
// cannot be replayed there. A medium that is older than what the device has seen brings its targets
// all the same, where the newer metadata lists them: its own timestamp says how long that holds.
enum class MetadataSource { kUnspecified = 0, kNetwork, kMedium };

struct TufClientOptions {
  // Holds root.json, timestamp.json, snapshot.json, targets.json, delegated roles by their
  // percent-encoded names (only metadata ends in .json here), root_history/ and the lock.
  // Created when it is missing.
  std::filesystem::path state_dir;
  MetadataSource source = MetadataSource::kNetwork;
};

struct TargetInfo {
  std::string path;
  std::uint64_t length = 0;
  // All zero (equal to no file's digest) when the publisher listed only a SHA-512.
  Digest sha256;
  std::optional<Bytes> sha512;
  std::string role;
  boost::json::object custom;
  // Below the base URL of targets: dir/HASH.name with consistent snapshots, percent-encoded.
  std::string url_path;
};

struct MetadataVersions {
  std::int64_t root = 0;
  std::int64_t timestamp = 0;
  std::int64_t snapshot = 0;
  std::int64_t targets = 0;
};

// How old what is trusted is. Absent: not loaded, or the role does not say.
struct TrustDates {
  std::optional<Time> timestamp_issued;
  std::optional<Time> snapshot_issued;
  // Of root, targets and the delegated roles that were loaded since the last Refresh: the newest
  // signing, and the earliest end.
  std::optional<Time> publisher_issued;
  std::optional<Time> publisher_expires;
};

// One thread at a time; all calls but the accessors block. Crash-safe: each file is replaced by a
// durable rename, each root is durable before the next is asked for, and after any crash the next
// Refresh goes on.
//
// Errors carry their FailureReason and start with the role ("timestamp: expired at ..."). Codes:
// PERMISSION_DENIED trust (3xx), DATA_LOSS wrong bytes (2xx, hash, length), UNAVAILABLE
// (ROOT_CHAIN_TOO_LONG: progress is kept, call again; fetch errors), NOT_FOUND (target), storage
// errors with 5xx. No error leaves the client unable to try again.
class TufClient {
 public:
  // Takes the lock of the state folder (UNAVAILABLE with STORAGE_LOCKED: another client has it),
  // checks `factory_root` by its own threshold and walks the cached chain from it. No request is
  // made. `fs` and `fetcher` must outlive the client.
  static StatusOr<std::unique_ptr<TufClient>> Open(const TufClientOptions& options,
                                                   const Bytes& factory_root, DurableFs& fs,
                                                   MetadataFetcher& fetcher);
  // The same over a store of the caller's: FreshClientAccepts keeps one in memory.
  static StatusOr<std::unique_ptr<TufClient>> Create(std::unique_ptr<MetadataStore> store,
                                                     const Bytes& factory_root,
                                                     MetadataSource source,
                                                     MetadataFetcher& fetcher);
  ~TufClient();
  TufClient(const TufClient&) = delete;
  TufClient& operator=(const TufClient&) = delete;

  // Root chain, timestamp, snapshot, targets, all judged at `now`. At most 256 new roots a call.
  Status Refresh(Time now);

  // Searches targets and its delegations, loading what is needed. FAILED_PRECONDITION before the
  // first good Refresh; NOT_FOUND with TRUST_TARGET_NOT_FOUND; INVALID_ARGUMENT with FORM_BAD_PATH.
  StatusOr<TargetInfo> FindTarget(const std::string& path, Time now);

  // Every target that FindTarget would find, each with the role that answers for it. Loads every
  // delegated role of the snapshot. For those who list a repository, not for devices.
  StatusOr<std::vector<TargetInfo>> ListTargets(Time now);

  // Of what is trusted now; 0 for what is not there yet.
  MetadataVersions versions() const;

  // Floor and block list of a role that a lookup has loaded since the last Refresh.
  // NOT_FOUND otherwise: call FindTarget for a target of that role first.
  StatusOr<LinePolicy> PolicyOf(const std::string& role) const;

  // "targets" and the delegated roles that were loaded since the last Refresh.
  std::vector<std::string> LoadedRoles() const;

  TrustDates dates() const;
  // The newest trusted root; known from Open on.
  const Root& root() const;

 private:
  TufClient(std::unique_ptr<MetadataStore> store, std::unique_ptr<TrustedSet> trusted,
            MetadataSource source, MetadataFetcher& fetcher);

  Status WalkCachedRoots(const Bytes& factory_root);
  // Removes the stored files that `next` no longer stands behind.
  Status Purge(const NextRoot& next);
  // Verifies, purges, makes it durable in root_history/.
  Status TakeRoot(const Bytes& bytes);
  // `newest` becomes the last root that was taken, also when a later one fails.
  Status WalkNewRoots(Bytes& newest);
  Status RefreshRoot(Time now);
  Status RefreshTimestamp(Time now);
  Status RefreshSnapshot(Time now);
  // `role` as `delegator` (null: root) delegates it, from the store or the network.
  StatusOr<const Targets*> LoadTargets(const std::string& role, const Targets* delegator, Time now);
  StatusOr<const Targets*> TopTargets() const;
  StatusOr<TargetInfo> Search(const std::string& path, Time now);
  Status LoadWholeTree(Time now);
  StatusOr<Bytes> FetchVersioned(const std::string& role, std::int64_t version,
                                 std::optional<std::uint64_t> length, std::uint64_t max_bytes);

  std::unique_ptr<MetadataStore> store_;
  std::unique_ptr<TrustedSet> trusted_;
  MetadataSource source_;
  MetadataFetcher& fetcher_;
};

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_CLIENT_H_
