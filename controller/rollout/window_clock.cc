#include "controller/rollout/window_clock.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include "absl/strings/str_cat.h"

#include "controller/rollout/recurrence.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr char kZoneLabel[] = "zone";
constexpr std::size_t kMaxZoneBytes = 64;
constexpr Duration kLeast = absl::Minutes(1);
constexpr Duration kMost = absl::Hours(7 * 24);
// No zone's clocks jump further.
constexpr int kLongestJumpHours = 26;
// More than a window of 7 days with 24 openings a day can have begun, and the next.
constexpr std::size_t kMostLookedAt = 256;

bool IsZoneName(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '+' || c == '-';
  });
  return plain && !name.empty() && name.size() <= kMaxZoneBytes && name.front() != '/' &&
         name != "localtime";
}

std::string LabelOf(const v1::Device& device) {
  const auto by_operator = device.labels().find(kZoneLabel);
  if (by_operator != device.labels().end()) {
    return by_operator->second;
  }
  const auto by_owner = device.facts().labels().find(kZoneLabel);
  return by_owner != device.facts().labels().end() ? by_owner->second : std::string();
}

absl::TimeZone ZoneFor(const v1::Window& window, const std::string& local_zone) {
  const std::string& name = window.zone() == kDeviceLocal ? local_zone : window.zone();
  return FindZone(name.empty() ? kUtcZone : name).value_or(absl::UTCTimeZone());
}

Time InstantOf(const absl::TimeZone& zone, absl::CivilSecond civil) {
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

}  // namespace

Status CheckWindow(const v1::Window& window) {
  FLOTILLA_RETURN_IF_ERROR(CheckRecurrence(window.rrule()));
  const Duration duration = FromWire(window.duration());
  if (duration < kLeast || duration > kMost) {
    return InvalidArgument("duration: must lie between 1 minute and 7 days");
  }
  if (!v1::WindowApplies_IsValid(window.applies())) {
    return InvalidArgument("applies: must be accept, download or activate");
  }
  if (window.zone().empty() || window.zone() == kDeviceLocal) {
    return OkStatus();
  }
  return FindZone(window.zone()).status();
}

StatusOr<absl::TimeZone> FindZone(const std::string& name) {
  absl::TimeZone zone;
  if (!IsZoneName(name) || !absl::LoadTimeZone(name, &zone)) {
    return InvalidArgument(absl::StrCat(
        "zone: \"", name, "\" is no IANA zone that is known here, as Europe/Vienna is"));
  }
  return zone;
}

std::string ZoneOf(const v1::Device& device) {
  const std::string label = LabelOf(device);
  return !label.empty() && FindZone(label).ok() ? label : kUtcZone;
}

WindowState StateAt(const v1::Window& window, const std::string& local_zone, Time now) {
  const absl::TimeZone zone = ZoneFor(window, local_zone);
  const Duration duration = FromWire(window.duration());
  const absl::CivilSecond from =
      absl::CivilSecond(zone.At(now - duration).cs) - 3600 * kLongestJumpHours;
  WindowState state;
  for (const absl::CivilSecond civil : OpeningsFrom(window.rrule(), from, kMostLookedAt)) {
    const Time opening = InstantOf(zone, civil);
    if (opening > now) {
      state.opens_at = opening;
      state.changes_at = std::min(state.changes_at, opening);
      break;
    }
    if (now < opening + duration) {
      state.open = true;
      state.changes_at = std::min(state.changes_at, opening + duration);
    }
  }
  return state;
}

std::string TimeInZone(Time time, const std::string& zone) {
  const std::string& name = zone.empty() ? kUtcZone : zone;
  const absl::TimeZone known = FindZone(name).value_or(absl::UTCTimeZone());
  return absl::StrCat(absl::FormatTime("%a %d %b %Y %H:%M", time, known), " in ", name, " (",
                      UtcText(time), ")");
}

}  // namespace flotilla::rollout
