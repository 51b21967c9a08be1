// What the controller must not forget, and the port it is written through.
#ifndef FLOTILLA_CONTROLLER_STORAGE_FLEET_STORE_H_
#define FLOTILLA_CONTROLLER_STORAGE_FLEET_STORE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/rollout/rollout_change.h"
#include "flotilla/v1/admin.pb.h"
#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/enrolment.pb.h"
#include "flotilla/v1/policy.pb.h"
#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/rollout.pb.h"
#include "flotilla/v1/update.pb.h"

namespace flotilla::controller {

// A device and what only the controller needs to know about it.
struct StoredDevice {
  v1::Device record;
  // Outbox the device reports from, and the newest report of it that was taken up.
  std::uint64_t boot_epoch = 0;
  std::uint64_t report_seq = 0;
  // Epoch of the newest session.
  std::uint64_t session_epoch = 0;
  // Digest of the assignments that record.desired_generation() stands for; zero: none yet.
  Digest desired_digest;
  // Digest of the public key (SPKI) of the newest certificate, and its issue; zero: none yet.
  Digest public_key;
  Time certificate_issued_at;
  // Token it was enrolled with last.
  std::string token_id;
};

// One report as it came in. Unique by (device_id, boot_epoch, seq).
struct StoredReport {
  std::string device_id;
  v1::UpdateReport report;
  Time received_at;
};

// An enrolment token; its secret is kept as a hash alone.
struct StoredToken {
  v1::EnrolmentToken token;
  Digest secret_sha256;
};

// A certificate that was issued to a device and not revoked since. A device holds more than one
// while a renewed one waits for its first session.
struct HeldCertificate {
  std::string serial_hex;
  std::string device_id;
  // Fingerprint of the CA that signed it.
  Digest authority;
  // Digest of its public key (SPKI).
  Digest public_key;
  Time issued_at;
  Time not_after;
};

// A certificate that is refused from now on; it is held no more.
struct Revocation {
  std::string serial_hex;
  // "device:pump-01".
  std::string subject;
  Time revoked_at;
  // A newer certificate of the same device took its place: no session, but a download on an open
  // connection goes on for a while. Not stored: after a restart no connection is open.
  bool superseded = false;
};

// Everything one event changes: committed together or not at all. Records replace those of the
// same key: device id, report key (the first one stays), rollout id, (rollout, device) id, line,
// (line, version), token id, serial (certificates, revocations and operators), key of the rule,
// audit seq. A revocation takes the certificate of its serial out of those that are held.
struct FleetChange {
  std::vector<StoredDevice> devices;
  std::vector<StoredReport> reports;
  std::vector<v1::Rollout> rollouts;
  std::vector<v1::RolloutDevice> rollout_devices;
  std::vector<rollout::LineBaseline> baselines;
  std::vector<v1::Release> releases;
  std::vector<StoredToken> tokens;
  std::vector<HeldCertificate> certificates;
  std::vector<Revocation> revocations;
  // Certificates of operators.
  std::vector<v1::Operator> operators;
  // By rollout::KeyOf.
  std::vector<v1::Policy> policies;
  // Fleet gives seq, time and hash.
  std::vector<v1::AuditEntry> audit;

  std::size_t rows() const;
  bool empty() const { return rows() == 0; }
  // Appends `later` behind this one, for one transaction.
  void Merge(FleetChange&& later);
};

// The whole state but for reports and audit, which are read by page.
struct FleetSnapshot {
  std::vector<StoredDevice> devices;
  std::vector<v1::Rollout> rollouts;
  std::vector<v1::RolloutDevice> rollout_devices;
  std::vector<rollout::LineBaseline> baselines;
  std::vector<v1::Release> releases;
  std::vector<StoredToken> tokens;
  std::vector<HeldCertificate> certificates;
  std::vector<Revocation> revocations;
  std::vector<v1::Operator> operators;
  std::vector<v1::Policy> policies;
  // Made with the database; the audit log's chain of hashes starts from it.
  std::string site_id;
  std::uint64_t last_audit_seq = 0;
  // As stored; of no meaning when last_audit_seq is 0.
  Digest last_audit_hash;
};

// What a store put aside to be written to its tables later.
struct FoldState {
  std::size_t size_bytes = 0;
  // What was there when this fold began is not written whole yet: the next call goes on with it.
  bool going_on = false;
};

// Port: durable state of one fleet. One thread at a time. Real: SociFleetStore (SQLite,
// PostgreSQL). Fake: MemoryFleetStore (tests/support). Blocking.
// Errors: UNAVAILABLE (locked, the connection broke), RESOURCE_EXHAUSTED (disk full): the same call
// may succeed later, and then took place once; DATA_LOSS: the database is damaged or of an unknown
// schema; UNAUTHENTICATED, PERMISSION_DENIED: it refuses us; INTERNAL: a bug of ours. The typed
// reason (STORAGE_...) says more.
class FleetStore {
 public:
  virtual ~FleetStore() = default;

  // Durable when it returns OK. After a crash all of the change is there or nothing of it.
  virtual Status Commit(const FleetChange& change) = 0;
  virtual StatusOr<FleetSnapshot> Load() = 0;
  // Newest first.
  virtual StatusOr<std::vector<StoredReport>> RecentReports(const std::string& device_id,
                                                            std::size_t limit) = 0;
  // Highest seq stored of this outbox; 0 for none.
  virtual StatusOr<std::uint64_t> LastReportSeq(const std::string& device_id,
                                                std::uint64_t boot_epoch) = 0;
  // Newest first; `before_seq` 0: from the newest.
  virtual StatusOr<std::vector<v1::AuditEntry>> AuditPage(std::uint64_t before_seq,
                                                          std::size_t limit) = 0;
  // Oldest first.
  virtual StatusOr<std::vector<v1::AuditEntry>> AuditAfter(std::uint64_t after_seq,
                                                           std::size_t limit) = 0;
  // Removes at most `limit` reports that came in before `before`, oldest first, but never the
  // newest of an outbox, which says how far it came. How many it removed.
  virtual StatusOr<std::size_t> PruneReports(Time before, std::size_t limit) = 0;
  // A store may put rows aside in Commit, durable and seen by every call above, and write them to
  // their tables here: once more than `keep_bytes` of them are there, and then, call by call, all
  // that were. One call takes no longer than a large commit. After an error everything is still
  // put aside. Of a store that writes at once: nothing.
  virtual StatusOr<FoldState> Fold(std::size_t /*keep_bytes*/) { return FoldState{}; }

 protected:
  FleetStore() = default;
  FleetStore(const FleetStore&) = default;
  FleetStore& operator=(const FleetStore&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_FLEET_STORE_H_
