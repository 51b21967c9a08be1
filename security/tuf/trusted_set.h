// The rules of the client workflow, without input or output: what may become trusted after what.
#ifndef FLOTILLA_SECURITY_TUF_TRUSTED_SET_H_
#define FLOTILLA_SECURITY_TUF_TRUSTED_SET_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "security/tuf/client.h"
#include "security/tuf/metadata.h"

namespace flotilla::tuf {

enum class KeyChange { kUnspecified = 0, kSame, kChanged };
enum class TimestampOffer { kUnspecified = 0, kNewer, kSame };

// A root that was verified as the successor of the trusted one.
struct NextRoot {
  Root root;
  // Whether key set or threshold differ from the trusted root's: of timestamp or snapshot; of
  // targets.
  KeyChange online_keys = KeyChange::kUnspecified;
  KeyChange targets_keys = KeyChange::kUnspecified;
};

// One thread at a time. Order of a refresh: Restart, roots, CheckRootFresh, timestamp, snapshot,
// targets; calls out of order are FAILED_PRECONDITION. Errors as in client.h; the set stays as it
// was where a call fails.
class TrustedSet {
 public:
  // `root` is trusted out of band; checked by its own threshold.
  static StatusOr<std::unique_ptr<TrustedSet>> Create(const Bytes& root);

  // Forgets all but root.
  void Restart();

  // By the trusted root's keys and its own, version exactly one higher. Nothing changes yet: the
  // caller makes the root durable first.
  StatusOr<NextRoot> VerifyNextRoot(const Bytes& bytes) const;
  // Whether `targets` (top level) is still signed as `next` asks; TRUST_THRESHOLD or FORM_*.
  static Status MeetsNextRoot(const NextRoot& next, const Bytes& targets);
  void Accept(NextRoot next);
  Status CheckRootFresh(Time now) const;

  // A timestamp from the device's disk: only to compare with, even when it has expired.
  Status CompareWithTimestamp(const Bytes& bytes);
  // kNewer: trusted, to be stored. kSame: the one on disk stays, and is trusted; also when a medium
  // offers an older one that is fresh.
  StatusOr<TimestampOffer> OfferTimestamp(const Bytes& bytes, MetadataSource source, Time now);

  // A snapshot from the device's disk. OK: it is the one timestamp names, and is trusted. Otherwise
  // a new one is needed; this one is compared with when its signatures hold.
  Status UseStoredSnapshot(const Bytes& bytes, Time now);
  Status OfferSnapshot(const Bytes& bytes, Time now);
  const MetaFile& snapshot_file() const { return timestamp_->snapshot; }

  // What the trusted snapshot says of a role. PERMISSION_DENIED with TRUST_NOT_IN_SNAPSHOT.
  StatusOr<MetaFile> TargetsFile(const std::string& role) const;
  // `role` as `delegator` (null: root) delegates it; stored or new bytes alike. `delegator` is one
  // that FindTargets gave since the last Restart.
  Status OfferTargets(const std::string& role, const Targets* delegator, const Bytes& bytes,
                      Time now);
  // Null when it is not loaded as that delegator delegates it. Valid until Restart.
  const Targets* FindTargets(const std::string& role, const Targets* delegator) const;

  const Root& root() const { return root_; }
  const std::optional<Timestamp>& timestamp() const { return timestamp_; }
  const std::optional<Snapshot>& snapshot() const { return snapshot_; }
  StatusOr<LinePolicy> PolicyOf(const std::string& role) const;
  TrustDates Dates() const;
  std::vector<std::string> LoadedRoles() const;
  // Paths that the loaded targets roles list, whether or not they are trusted with them.
  std::set<std::string> AllPaths() const;

 private:
  // A role is trusted as one delegator delegates it, not by its name: the delegator is the very
  // metadata (role and version), null for root.
  using Edge = std::pair<std::string, const Targets*>;

  explicit TrustedSet(Root root) : root_(std::move(root)) {}
  Status VerifyTargets(const std::string& role, const Targets* delegator,
                       const Envelope& envelope) const;
  Status CheckSnapshotContent(const Snapshot& snapshot) const;
  // A medium that is older stretches the end to that of its own timestamp.
  Status CheckSnapshotFresh(Common common, Time now) const;

  Root root_;
  std::optional<Timestamp> stored_timestamp_;
  std::optional<Timestamp> timestamp_;
  std::optional<Time> medium_until_;
  std::optional<Snapshot> stored_snapshot_;
  std::optional<Snapshot> snapshot_;
  std::map<Edge, Targets> targets_;  // a map's elements never move
};

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_TRUSTED_SET_H_
