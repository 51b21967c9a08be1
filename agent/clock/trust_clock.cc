#include "agent/clock/trust_clock.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "security/clock_attestation.h"
#include "security/tuf/key.h"
#include "security/x509/peer.h"

namespace flotilla::agent {
namespace {

using security::TimeSource;

constexpr std::uint64_t kMaxFloorBytes = std::uint64_t{16} * 1024;
constexpr Duration kTimestampLife = absl::Hours(24 * 3);
constexpr Duration kSnapshotLife = absl::Hours(24 * 14);
constexpr Duration kMostApart = absl::Hours(24);
// No device sleeps for longer than its authority lives.
constexpr Duration kMostAhead = absl::Hours(24 * 3650);

Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds());
}

security::TimeFloor LoadFloor(const std::filesystem::path& file, Time built, Duration monotonic) {
  const StatusOr<Bytes> saved = ReadFile(file, kMaxFloorBytes);
  auto floor = security::TimeFloor::Start(built, saved.value_or(Bytes()), monotonic);
  if (!floor.ok()) {
    LogStatus(LogLevel::kError, "clock.floor_unreadable", floor.status());
    floor = security::TimeFloor::Start(built, {}, monotonic);
  }
  return std::move(floor).value();
}

}  // namespace

TrustClock::TrustClock(const std::filesystem::path& state_dir, Parts parts)
    : file_(state_dir / "time_floor"),
      parts_(std::move(parts)),
      floor_(LoadFloor(file_, parts_.built, parts_.system.Monotonic())) {}

JudgedTime TrustClock::Judge() const {
  const std::scoped_lock lock(mutex_);
  return JudgeLocked();
}

JudgedTime TrustClock::JudgeLocked() const {
  const Duration monotonic = parts_.system.Monotonic();
  const Time system = parts_.system.Now();
  JudgedTime judged;
  judged.now = floor_->At(monotonic);
  bool plausible = !doubted_ && system >= judged.now && system - judged.now <= kMostAhead;
  if (attested_.has_value()) {
    const Time attested = *attested_ + (monotonic - attested_monotonic_);
    plausible = plausible && absl::AbsDuration(system - attested) <= kMostApart;
  }
  judged.best_guess = plausible ? system : judged.now;
  if (!plausible) {
    judged.cause = v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE;
  } else if (!parts_.is_kept()) {
    judged.cause = v1::FAILURE_REASON_CLOCK_UNSYNCED;
  } else {
    judged.now = system;
    judged.trusted = true;
    judged.cause = attestation_bad_ ? v1::FAILURE_REASON_CLOCK_ATTESTATION_BAD
                                    : v1::FAILURE_REASON_UNSPECIFIED;
  }
  return judged;
}

std::optional<Time> TrustClock::VerifiedFloor() const {
  const std::scoped_lock lock(mutex_);
  return verified_ ? std::optional(floor_->At(parts_.system.Monotonic())) : std::nullopt;
}

Time TrustClock::Now() const {
  return Judge().now;
}

Duration TrustClock::Monotonic() const {
  return parts_.system.Monotonic();
}

Status TrustClock::CheckServer(std::string_view leaf_pem, std::string_view ca_pem,
                               std::optional<std::string_view> host) {
  const std::scoped_lock lock(mutex_);
  const JudgedTime judged = JudgeLocked();
  Status checked = security::CheckServer(leaf_pem, ca_pem, host, {judged.now, !judged.trusted});
  if (checked.ok() || !judged.trusted || attested_.has_value()) {
    return checked;
  }
  const Time floor = floor_->At(parts_.system.Monotonic());
  if (security::CheckServer(leaf_pem, ca_pem, host, {floor, true}).ok()) {
    LogStatus(LogLevel::kWarning, "clock.doubted", checked);
    doubted_ = true;
    return OkStatus();
  }
  return checked;
}

void TrustClock::OnRoot(const tuf::Root& root) {
  const std::scoped_lock lock(mutex_);
  root_ = root;
  const Duration monotonic = parts_.system.Monotonic();
  bool changed = floor_->KeepOnly(TimeSource::kTimestamp, root.timestamp.key_ids, monotonic);
  changed = floor_->KeepOnly(TimeSource::kSnapshot, root.snapshot.key_ids, monotonic) || changed;
  changed =
      floor_->KeepOnly(TimeSource::kAttestation, root.timestamp.key_ids, monotonic) || changed;
  if (changed) {
    LogInfo("clock.floor_reset", {{"floor", UtcText(floor_->At(monotonic))}});
    attested_.reset();
    Save();
  }
}

void TrustClock::OnVerified(const tuf::TrustDates& dates) {
  const std::scoped_lock lock(mutex_);
  if (!root_.has_value()) {
    return;
  }
  const Duration monotonic = parts_.system.Monotonic();
  bool rose = false;
  if (dates.timestamp_issued.has_value()) {
    rose = floor_->Raise(TimeSource::kTimestamp, *dates.timestamp_issued, kTimestampLife,
                         root_->timestamp.key_ids, monotonic);
  }
  if (dates.snapshot_issued.has_value()) {
    rose = floor_->Raise(TimeSource::kSnapshot, *dates.snapshot_issued, kSnapshotLife,
                         root_->snapshot.key_ids, monotonic) ||
           rose;
  }
  if (rose) {
    Save();
  }
}

void TrustClock::OnFresh() {
  const std::scoped_lock lock(mutex_);
  verified_ = true;
}

void TrustClock::OnAttestation(std::string_view nonce, const v1::ClockAttestation& attestation) {
  const std::scoped_lock lock(mutex_);
  if (!root_.has_value() || attestation.signature().empty()) {
    return;
  }
  const Time at = TimeOf(attestation.at());
  const std::vector<std::string>& listed = root_->timestamp.key_ids;
  const auto key = root_->keys.find(attestation.key_id());
  const bool known = std::find(listed.begin(), listed.end(), attestation.key_id()) != listed.end();
  attestation_bad_ = !known || key == root_->keys.end() || !key->second.usable.has_value() ||
                     !security::VerifyClock(*key->second.usable, AsBytes(nonce), at,
                                            AsBytes(attestation.signature()))
                          .ok();
  if (attestation_bad_) {
    LogWarning("clock.attestation_bad", {{"key", attestation.key_id()}});
    return;
  }
  const Duration monotonic = parts_.system.Monotonic();
  verified_ = true;
  attested_ = at;
  attested_monotonic_ = monotonic;
  doubted_ = false;
  if (floor_->Raise(TimeSource::kAttestation, at, kTimestampLife, listed, monotonic)) {
    Save();
  }
}

void TrustClock::Save() {
  if (const Status saved = DurableWrite(parts_.fs, file_, floor_->Encode()); !saved.ok()) {
    LogStatus(LogLevel::kError, "clock.floor_not_saved", saved);
  }
}

}  // namespace flotilla::agent
