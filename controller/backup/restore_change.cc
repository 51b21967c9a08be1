#include "controller/backup/restore_change.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"
#include "security/audit/audit_chain.h"

namespace flotilla::controller {
namespace {

// Where the clock is of no help.
constexpr std::uint64_t kLeastJump = 1'000'000;

// Whether only a person makes it go on.
bool WaitsForAPerson(v1::PauseReason reason) {
  switch (reason) {
    case v1::PAUSE_REASON_OPERATOR:
    case v1::PAUSE_REASON_GATE:
    case v1::PAUSE_REASON_INCONCLUSIVE:
    case v1::PAUSE_REASON_TARGETING_ERROR:
    case v1::PAUSE_REASON_SECURITY:
      return true;
    default:
      return false;
  }
}

bool RunsByItself(const v1::Rollout& rollout) {
  return rollout.state() == v1::ROLLOUT_STATE_RUNNING ||
         (rollout.state() == v1::ROLLOUT_STATE_PAUSED && !WaitsForAPerson(rollout.pause_reason()));
}

// As an operator's pause leaves it.
v1::Rollout Paused(v1::Rollout rollout, const BackupManifest& manifest, Time now) {
  const bool frozen =
      rollout.state() == v1::ROLLOUT_STATE_PAUSED && rollout.hold() == v1::HOLD_MODE_FREEZE;
  rollout.set_state(v1::ROLLOUT_STATE_PAUSED);
  rollout.set_pause_reason(v1::PAUSE_REASON_OPERATOR);
  rollout.set_hold(frozen ? v1::HOLD_MODE_FREEZE : v1::HOLD_MODE_DRAIN);
  *rollout.mutable_paused_at() = ToProto(now);
  const auto current = static_cast<int>(rollout.current_wave());
  if (current < rollout.waves_size()) {
    v1::Wave& wave = *rollout.mutable_waves(current);
    const bool keeps_state = wave.state() == v1::WAVE_STATE_GATED ||
                             wave.state() == v1::WAVE_STATE_INCONCLUSIVE ||
                             wave.state() == v1::WAVE_STATE_FAILED;
    wave.set_state(keeps_state ? wave.state() : v1::WAVE_STATE_HELD);
  }
  rollout.set_why(absl::StrCat("paused by the restore of backup ", manifest.id, " of ",
                               UtcText(manifest.taken_at),
                               ": what it did since is not known here; look before you resume it"));
  return rollout;
}

v1::AuditEntry Entry(const BackupManifest& manifest, const FleetSnapshot& snapshot,
                     const RestoreMark& mark, std::size_t paused) {
  v1::AuditEntry entry = MakeAuditEntry(
      kControllerActor, "controller.restored", absl::StrCat("backup/", manifest.id),
      absl::StrCat("taken ", UtcText(manifest.taken_at), ", audit log up to seq ",
                   snapshot.last_audit_seq, "; what was written after it is not here; ", paused,
                   " rollouts paused; snapshot and timestamp go on from version ",
                   mark.least_version));
  entry.set_seq(snapshot.last_audit_seq + 1);
  *entry.mutable_at() = ToProto(mark.restored_at);
  const Digest before = snapshot.last_audit_seq == 0 ? security::AuditGenesis(snapshot.site_id)
                                                     : snapshot.last_audit_hash;
  entry.set_hash(ToText(security::AuditHash(entry, before).bytes()));
  return entry;
}

}  // namespace

StatusOr<RestoreMark> MarkRestore(const BackupManifest& manifest, const FleetSnapshot& snapshot,
                                  Time now, Duration readmit) {
  if (now < manifest.taken_at) {
    return InvalidArgument(absl::StrCat("the backup was taken at ", UtcText(manifest.taken_at),
                                        " and it is ", UtcText(now),
                                        " by this machine's clock: set it right first"));
  }
  const auto seconds =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, absl::ToUnixSeconds(now)));
  RestoreMark mark;
  mark.backup_id = manifest.id;
  mark.taken_at = manifest.taken_at;
  mark.restored_at = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  mark.readmit_until = mark.restored_at + readmit;
  mark.session_epoch = seconds;
  for (const StoredDevice& device : snapshot.devices) {
    mark.session_epoch = std::max(mark.session_epoch, device.session_epoch + 1);
  }
  mark.least_version = std::max(
      {seconds, manifest.snapshot_version + kLeastJump, manifest.timestamp_version + kLeastJump});
  return mark;
}

FleetChange RestoreChange(const BackupManifest& manifest, const FleetSnapshot& snapshot,
                          const RestoreMark& mark) {
  FleetChange change;
  for (const StoredDevice& device : snapshot.devices) {
    change.devices.push_back(device);
    change.devices.back().session_epoch = mark.session_epoch;
  }
  for (const v1::Rollout& rollout : snapshot.rollouts) {
    if (RunsByItself(rollout)) {
      change.rollouts.push_back(Paused(rollout, manifest, mark.restored_at));
    }
  }
  change.audit.push_back(Entry(manifest, snapshot, mark, change.rollouts.size()));
  return change;
}

}  // namespace flotilla::controller
