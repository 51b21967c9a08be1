#include "controller/fleet/fleet_ledger.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"
#include "security/sha256.h"

namespace flotilla::controller {
namespace {

constexpr std::int64_t kSecondsPerHour = 3600;
// Longer than a device keeps a connection to the artifact host (ota/fetch: five minutes).
constexpr Duration kSupersededFetches = absl::Hours(1);

template <typename T>
void Append(std::vector<T>& to, std::vector<T>&& from) {
  if (to.empty()) {
    to = std::move(from);
    return;
  }
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void SortUnique(std::vector<std::string>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

bool IsActive(v1::RolloutState state) {
  switch (state) {
    case v1::ROLLOUT_STATE_SCHEDULED:
    case v1::ROLLOUT_STATE_RUNNING:
    case v1::ROLLOUT_STATE_PAUSED:
    case v1::ROLLOUT_STATE_ABORTING:
    case v1::ROLLOUT_STATE_ROLLING_BACK:
      return true;
    default:
      return false;
  }
}

Digest DigestOf(const v1::DesiredState& desired) {
  std::string content;
  for (const v1::Assignment& assignment : desired.assignments()) {
    const std::string one = assignment.SerializeAsString();
    content += std::to_string(one.size()) + ':' + one;
  }
  for (const v1::ReleaseStop& stop : desired.stops()) {
    const std::string one = stop.SerializeAsString();
    content += std::to_string(one.size()) + '!' + one;
  }
  return security::Sha256(AsBytes(content));
}

Status RevokedStatus() {
  return WithReason(Unauthenticated("the certificate is revoked"),
                    v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
}

}  // namespace

FleetLedger::FleetLedger(FleetState& state, rollout::RolloutBook& book, SessionRegistry& sessions,
                         FanOut& fan_out, RevocationSet& revocations, CommitQueue& commits,
                         const Clock& clock, std::function<void(const Status&)> failed)
    : state_(state),
      book_(book),
      sessions_(sessions),
      fan_out_(fan_out),
      revocations_(revocations),
      commits_(commits),
      clock_(clock),
      failed_(std::move(failed)) {}

void FleetLedger::Load(const FleetSnapshot& snapshot) {
  state_.Load(snapshot);
  book_.Load(snapshot.rollouts, snapshot.rollout_devices, snapshot.baselines, snapshot.policies);
  audit_genesis_ = security::AuditGenesis(snapshot.site_id);
  audit_head_ = snapshot.last_audit_seq == 0
                    ? security::AuditHead{0, audit_genesis_}
                    : security::AuditHead{snapshot.last_audit_seq, snapshot.last_audit_hash};
  for (const v1::Rollout& rollout : snapshot.rollouts) {
    rollout_states_[rollout.id()] = rollout.state();
  }
  for (const Revocation& revocation : snapshot.revocations) {
    revocations_.Add(revocation.serial_hex);
  }
  for (const StoredDevice& device : snapshot.devices) {
    if (device.record.revoked()) {
      revocations_.SetDevice(device.record.id(), DeviceStanding::kRevoked);
    }
  }
}

void FleetLedger::Revoke(const FleetChange& change) {
  for (const Revocation& revocation : change.revocations) {
    if (revocation.superseded) {
      revocations_.AddSuperseded(revocation.serial_hex, clock_.Monotonic() + kSupersededFetches);
    } else {
      revocations_.Add(revocation.serial_hex);
    }
    sessions_.CloseSerial(revocation.serial_hex, RevokedStatus());
    Announce(CertificateRevoked{revocation.serial_hex});
  }
  for (const StoredDevice& device : change.devices) {
    const bool revoked = device.record.revoked();
    revocations_.SetDevice(device.record.id(),
                           revoked ? DeviceStanding::kRevoked : DeviceStanding::kGood);
    if (revoked) {
      sessions_.Close(device.record.id(), RevokedStatus());
    }
  }
}

void FleetLedger::Apply(FleetChange change, Done done) {
  state_.Take(change);
  Revoke(change);
  rollout::RolloutChange moved;
  for (const StoredDevice& device : change.devices) {
    rollout::RolloutChange one = book_.OnDevice(device.record.id(), clock_.Now());
    Append(moved.rollouts, std::move(one.rollouts));
    Append(moved.devices, std::move(one.devices));
    Append(moved.baselines, std::move(one.baselines));
    Append(moved.policies, std::move(one.policies));
    Append(moved.touched_devices, std::move(one.touched_devices));
  }
  Record(std::move(change), std::move(moved), std::move(done));
}

v1::DesiredState FleetLedger::Wanted(const std::string& device_id) const {
  v1::DesiredState desired = book_.Desired(device_id);
  const v1::Device* device = state_.FindDevice(device_id);
  if (restored_.has_value() && device != nullptr) {
    DropOldDecisions(*restored_, *device, book_, desired);
  }
  return desired;
}

bool FleetLedger::IsLostRollout(const std::string& rollout_id) const {
  const auto& devices = state_.devices();
  return restored_.has_value() && book_.Find(rollout_id) == nullptr &&
         std::any_of(devices.begin(), devices.end(), [&](const auto& device) {
           return device.second.record.last_report().rollout_id() == rollout_id;
         });
}

bool FleetLedger::RefreshDesired(const std::string& device_id, DesiredFrame& frame) {
  StoredDevice* device = state_.MutableDevice(device_id);
  if (device == nullptr) {
    return false;
  }
  const v1::DesiredState desired = Wanted(device_id);
  if (restored_.has_value()) {
    ReleaseKnownLines(desired, device->record);
  }
  const Digest digest = DigestOf(desired);
  if (digest == device->desired_digest) {
    return false;
  }
  device->desired_digest = digest;
  device->record.set_desired_generation(device->record.desired_generation() + 1);
  frame = {device->record.desired_generation(), shared_.Of(digest, desired)};
  return true;
}

void FleetLedger::Record(FleetChange change, rollout::RolloutChange moved, Done done, Haste haste) {
  std::vector<std::string> rows;
  for (const StoredDevice& device : change.devices) {
    rows.push_back(device.record.id());
  }
  std::vector<std::string> touched = std::move(moved.touched_devices);
  touched.insert(touched.end(), rows.begin(), rows.end());
  SortUnique(touched);
  Sends sends;
  sends.haste = haste;
  for (const std::string& id : touched) {
    DesiredFrame desired;
    if (RefreshDesired(id, desired)) {
      rows.push_back(id);
      sends.frames.emplace_back(id, std::move(desired));
    }
  }
  SortUnique(rows);
  change.devices = RowsOf(rows);
  Append(change.rollouts, std::move(moved.rollouts));
  Append(change.rollout_devices, std::move(moved.devices));
  Append(change.baselines, std::move(moved.baselines));
  Append(change.policies, std::move(moved.policies));
  FinishAudit(change);
  Commit(std::move(change), std::move(sends), std::move(done));
}

void FleetLedger::WriteBehind(const std::vector<std::string>& device_ids, Done done) {
  FleetChange change;
  change.devices = RowsOf(device_ids);
  if (change.empty()) {
    if (done) {
      done(OkStatus());
    }
    return;
  }
  CommitQueue::Done committed = WhenCommitted(ToldOf(change), {}, std::move(done));
  commits_.CommitLatest(std::move(change.devices), std::move(committed));
}

std::vector<StoredDevice> FleetLedger::RowsOf(const std::vector<std::string>& device_ids) const {
  std::vector<StoredDevice> rows;
  rows.reserve(device_ids.size());
  for (const std::string& id : device_ids) {
    if (const StoredDevice* device = state_.FindStored(id); device != nullptr) {
      rows.push_back(RowOf(*device));
    }
  }
  return rows;
}

StoredDevice FleetLedger::RowOf(const StoredDevice& device) const {
  StoredDevice row = device;
  if (row.record.has_last_seen_at()) {
    auto* seen = row.record.mutable_last_seen_at();
    seen->set_seconds(seen->seconds() - seen->seconds() % kSecondsPerHour);
    seen->set_nanos(0);
  }
  return row;
}

void FleetLedger::FinishAudit(FleetChange& change) {
  for (const v1::Rollout& rollout : change.rollouts) {
    const auto known = rollout_states_.find(rollout.id());
    const bool moved = known != rollout_states_.end() && known->second != rollout.state();
    const std::string subject = "rollout/" + rollout.id();
    rollout_states_[rollout.id()] = rollout.state();
    const bool told = std::any_of(change.audit.begin(), change.audit.end(),
                                  [&](const auto& entry) { return entry.subject() == subject; });
    if (moved && !told) {
      change.audit.push_back(MakeAuditEntry(kControllerActor, RolloutStateAction(rollout.state()),
                                            subject, rollout.why()));
    }
  }
  for (v1::AuditEntry& entry : change.audit) {
    entry.set_seq(audit_head_.seq + 1);
    *entry.mutable_at() = ToProto(clock_.Now());
    audit_head_ = {entry.seq(), security::AuditHash(entry, audit_head_.hash)};
    entry.set_hash(ToText(audit_head_.hash.bytes()));
  }
}

void FleetLedger::Commit(FleetChange change, Sends sends, Done done) {
  if (change.empty()) {
    if (done) {
      done(OkStatus());
    }
    return;
  }
  CommitQueue::Done committed = WhenCommitted(ToldOf(change), std::move(sends), std::move(done));
  commits_.Commit(std::move(change), std::move(committed));
}

FleetLedger::Told FleetLedger::ToldOf(const FleetChange& change) const {
  Told told;
  if (listeners_.empty()) {
    return told;
  }
  told.devices.reserve(change.devices.size());
  for (const StoredDevice& device : change.devices) {
    told.devices.push_back({device.record.id(), device.record.liveness()});
  }
  told.reports = change.reports;
  told.rollouts = change.rollouts;
  told.releases = change.releases;
  told.audit = change.audit;
  return told;
}

CommitQueue::Done FleetLedger::WhenCommitted(Told told, Sends sends, Done done) {
  // Shared, since what a function holds is copied with it.
  return [this, told = std::make_shared<Told>(std::move(told)),
          sends = std::make_shared<const Sends>(std::move(sends)),
          done = std::move(done)](const Status& status) {
    if (!status.ok()) {
      failed_(status);
    } else {
      fan_out_.Send(sends->frames, sends->haste);
      Publish(std::move(*told));
    }
    if (done) {
      done(status);
    }
  };
}

void FleetLedger::Publish(Told told) const {
  for (StoredReport& report : told.reports) {
    Announce(ReportReceived{std::move(report)});
  }
  for (v1::Release& release : told.releases) {
    Announce(ReleaseChanged{std::move(release)});
  }
  for (DeviceChanged& device : told.devices) {
    Announce(std::move(device));
  }
  for (v1::Rollout& rollout : told.rollouts) {
    Announce(RolloutChanged{std::move(rollout)});
  }
  for (v1::AuditEntry& entry : told.audit) {
    Announce(AuditWritten{std::move(entry)});
  }
}

v1::DesiredState FleetLedger::DesiredOf(const std::string& device_id) const {
  v1::DesiredState desired = Wanted(device_id);
  if (const v1::Device* device = state_.FindDevice(device_id); device != nullptr) {
    desired.set_generation(device->desired_generation());
  }
  return desired;
}

DesiredFrame FleetLedger::DesiredFrameOf(const std::string& device_id) {
  const v1::DesiredState desired = Wanted(device_id);
  const v1::Device* device = state_.FindDevice(device_id);
  return {device == nullptr ? 0 : device->desired_generation(),
          shared_.Of(DigestOf(desired), desired)};
}

ListenerId FleetLedger::AddListener(FleetListener listener) {
  const std::uint64_t id = next_listener_++;
  listeners_[id] = std::make_shared<const FleetListener>(std::move(listener));
  return ListenerId(id);
}

void FleetLedger::RemoveListener(ListenerId id) {
  listeners_.erase(id.value());
}

void FleetLedger::Announce(const FleetEvent& event) const {
  // A listener may add listeners, which hear of the next event, and remove any, itself too.
  const std::uint64_t end = next_listener_;
  for (auto next = listeners_.begin(); next != listeners_.end() && next->first < end;) {
    const std::uint64_t id = next->first;
    const std::shared_ptr<const FleetListener> listener = next->second;
    (*listener)(event);
    next = listeners_.upper_bound(id);
  }
}

bool FleetLedger::AnyRolloutActive() const {
  return std::any_of(rollout_states_.begin(), rollout_states_.end(),
                     [](const auto& entry) { return IsActive(entry.second); });
}

}  // namespace flotilla::controller
