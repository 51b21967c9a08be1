#include "security/time_floor.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::security {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} * 1024;
constexpr Duration kRiseMargin = absl::Hours(24 * 30);
constexpr std::array<std::pair<TimeSource, std::string_view>, 3> kNames = {
    {{TimeSource::kTimestamp, "timestamp"},
     {TimeSource::kSnapshot, "snapshot"},
     {TimeSource::kAttestation, "attestation"}}};

std::vector<std::string> Sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

Status Corrupt() {
  return WithReason(DataLoss("the saved floor of the time does not parse"),
                    v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
}

Status ParseLine(const std::string& line, std::map<TimeSource, TimeContribution>& parts) {
  const std::vector<std::string> fields = absl::StrSplit(line, ' ');
  std::int64_t seconds = 0;
  if (fields.size() != 3 || !absl::SimpleAtoi(fields[1], &seconds) || seconds < 0) {
    return Corrupt();
  }
  const auto* const known = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) {
    return entry.second == std::string_view(fields[0]);
  });
  if (known == kNames.end()) {
    return Corrupt();
  }
  TimeContribution part;
  part.at = absl::FromUnixSeconds(seconds);
  part.key_ids = absl::StrSplit(fields[2], ',', absl::SkipEmpty());
  parts[known->first] = std::move(part);
  return OkStatus();
}

}  // namespace

StatusOr<TimeFloor> TimeFloor::Start(Time built, ByteView saved, Duration monotonic) {
  std::map<TimeSource, TimeContribution> parts;
  if (saved.size() > kMaxBytes) {
    return Corrupt();
  }
  const std::vector<std::string> lines = absl::StrSplit(ToText(saved), '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    FLOTILLA_RETURN_IF_ERROR(ParseLine(line, parts));
  }
  return TimeFloor(built, std::move(parts), monotonic);
}

TimeFloor::TimeFloor(Time built, std::map<TimeSource, TimeContribution> parts, Duration monotonic)
    : built_(built),
      parts_(std::move(parts)),
      run_start_(Newest()),
      run_start_monotonic_(monotonic),
      base_(run_start_),
      base_monotonic_(monotonic) {}

Time TimeFloor::Newest() const {
  Time newest = built_;
  for (const auto& [source, part] : parts_) {
    newest = std::max(newest, part.at);
  }
  return newest;
}

Time TimeFloor::At(Duration monotonic) const {
  return base_ + std::max(monotonic - base_monotonic_, absl::ZeroDuration());
}

bool TimeFloor::Raise(TimeSource source, Time at, Duration life,
                      const std::vector<std::string>& key_ids, Duration monotonic) {
  const Duration ran = std::max(monotonic - run_start_monotonic_, absl::ZeroDuration());
  const Time accepted = std::min(at, run_start_ + ran + life + kRiseMargin);
  if (accepted <= At(monotonic)) {
    return false;
  }
  parts_[source] = {accepted, Sorted(key_ids)};
  base_ = accepted;
  base_monotonic_ = monotonic;
  return true;
}

bool TimeFloor::KeepOnly(TimeSource source, const std::vector<std::string>& key_ids,
                         Duration monotonic) {
  const auto found = parts_.find(source);
  if (found == parts_.end() || found->second.key_ids == Sorted(key_ids)) {
    return false;
  }
  parts_.erase(found);
  base_ = Newest();
  base_monotonic_ = monotonic;
  run_start_ = std::min(run_start_, base_);
  return true;
}

Bytes TimeFloor::Encode() const {
  std::string text;
  for (const auto& [source, name] : kNames) {
    const auto found = parts_.find(source);
    if (found == parts_.end()) {
      continue;
    }
    text += std::string(name) + " " + std::to_string(absl::ToUnixSeconds(found->second.at)) + " ";
    for (std::size_t i = 0; i < found->second.key_ids.size(); ++i) {
      text += (i == 0 ? "" : ",") + found->second.key_ids[i];
    }
    text += "\n";
  }
  return ToBytes(text);
}

}  // namespace flotilla::security
