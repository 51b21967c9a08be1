#include "controller/fleet/restored_fleet.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "base/bytes.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::controller {
namespace {

// Certificates begin an hour before they are issued (security/x509), for clocks that are behind.
constexpr Duration kBackdated = absl::Minutes(61);
// No controller counts so far by itself.
constexpr std::uint64_t kMostGenerations = std::uint64_t{1} << 53U;
constexpr std::size_t kShortDigest = 12;

// Line to the short digest of its release.
using HeldLines = std::map<std::string, std::string>;

std::string Short(const std::string& sha256) {
  return HexEncode(AsBytes(sha256)).substr(0, kShortDigest);
}

HeldLines HeldOf(const v1::Device& device) {
  const auto label = device.labels().find(kRestoreHeldLabel);
  if (label == device.labels().end()) {
    return {};
  }
  HeldLines held;
  const std::vector<std::string> entries = absl::StrSplit(label->second, ',', absl::SkipEmpty());
  for (const std::string& entry : entries) {
    const std::size_t colon = entry.find(':');
    held[entry.substr(0, colon)] = colon == std::string::npos ? "" : entry.substr(colon + 1);
  }
  return held;
}

void SetHeld(const HeldLines& held, v1::Device& device) {
  if (held.empty()) {
    device.mutable_labels()->erase(kRestoreHeldLabel);
  } else {
    (*device.mutable_labels())[kRestoreHeldLabel] =
        absl::StrJoin(held, ",", absl::PairFormatter(":"));
  }
}

std::string ReleaseOf(const v1::Device& device, const std::string& line) {
  for (const v1::LineStatus& status : device.lines()) {
    if (status.line() == line) {
      return status.current().sha256();
    }
  }
  return {};
}

bool Wants(const v1::DesiredState& wanted, const std::string& sha256) {
  for (const v1::Assignment& assignment : wanted.assignments()) {
    if (assignment.release().sha256() == sha256) {
      return true;
    }
  }
  return false;
}

// An order of a rollout that is not in the book is not from before either.
bool DecidedBefore(Time restored_at, const rollout::RolloutBook& book,
                   const v1::Assignment& assignment) {
  std::string rollout_id = assignment.rollout_id();
  if (rollout_id.empty()) {
    for (const rollout::LineBaseline& baseline : book.Baselines()) {
      if (baseline.line == assignment.release().line()) {
        rollout_id = baseline.rollout_id;
      }
    }
  }
  const v1::Rollout* decided_by = book.Find(rollout_id);
  return decided_by != nullptr && rollout::FromWire(decided_by->started_at()) < restored_at;
}

bool IsStopped(const v1::DesiredState& desired, const std::string& short_sha256) {
  return std::any_of(desired.stops().begin(), desired.stops().end(), [&](const auto& stop) {
    return Short(stop.release().sha256()) == short_sha256;
  });
}

}  // namespace

bool MayReadmit(const RestoredFleet& restored, Time not_before, Time now) {
  return now < restored.readmit_until && not_before >= restored.taken_at - kBackdated &&
         not_before <= restored.restored_at;
}

void TakeLostFacts(const RestoredFleet& restored, const v1::Hello& hello,
                   const v1::DesiredState& wanted, StoredDevice& device) {
  if (device.session_epoch != restored.session_epoch) {
    return;
  }
  const std::uint64_t seen = hello.observed_generation();
  if (seen > device.record.desired_generation() && seen < kMostGenerations) {
    device.record.set_desired_generation(seen);
    device.desired_digest = Digest();  // what it was told under that number is not known here
  }
  HeldLines held;
  for (const v1::LineStatus& now : hello.lines()) {
    const std::string& runs = now.current().sha256();
    if (!runs.empty() && runs != ReleaseOf(device.record, now.line()) && !Wants(wanted, runs)) {
      held[now.line()] = Short(runs);
    }
  }
  SetHeld(held, device.record);
}

void DropOldDecisions(const RestoredFleet& restored, const v1::Device& device,
                      const rollout::RolloutBook& book, v1::DesiredState& desired) {
  const HeldLines held = HeldOf(device);
  if (held.empty()) {
    return;
  }
  v1::DesiredState kept;
  for (const v1::Assignment& assignment : desired.assignments()) {
    const auto line = held.find(assignment.release().line());
    const bool changes = line != held.end() && line->second != Short(assignment.release().sha256());
    if (!changes || IsStopped(desired, line->second) ||
        !DecidedBefore(restored.restored_at, book, assignment)) {
      *kept.add_assignments() = assignment;
    }
  }
  desired.mutable_assignments()->Swap(kept.mutable_assignments());
}

void ReleaseKnownLines(const v1::DesiredState& wanted, v1::Device& device) {
  HeldLines held = HeldOf(device);
  const std::size_t before = held.size();
  for (const v1::Assignment& assignment : wanted.assignments()) {
    const auto line = held.find(assignment.release().line());
    if (line != held.end() && line->second == Short(assignment.release().sha256())) {
      held.erase(line);
    }
  }
  if (held.size() != before) {
    SetHeld(held, device);
  }
}

std::string TellHeldLines(const RestoredFleet& restored, const v1::Device& device) {
  const HeldLines held = HeldOf(device);
  if (held.empty()) {
    return {};
  }
  const auto name = [](std::string* out, const auto& line) { out->append(line.first); };
  return absl::StrCat("When this controller was restored (backup ", restored.backup_id, " of ",
                      UtcText(restored.taken_at), ") the device came with another release than ",
                      "was known on ", absl::StrJoin(held, ", ", name),
                      ": what was decided before is not carried out there; a new rollout decides.");
}

}  // namespace flotilla::controller
