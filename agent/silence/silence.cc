#include "agent/silence/silence.h"

#include <algorithm>
#include <cstdint>

namespace flotilla::agent {
namespace {

Duration MaxAge(const v1::InstalledRelease& release) {
  return release.max_age_seconds() == 0
             ? absl::InfiniteDuration()
             : absl::Seconds(static_cast<std::int64_t>(release.max_age_seconds()));
}

}  // namespace

Silence::Silence(const SilenceRecord& saved, Time now, Duration monotonic)
    : record_(saved), counted_(monotonic) {
  if (!record_.heard_at.has_value()) {
    record_ = {now, absl::ZeroDuration()};
  }
  Pass(now, monotonic);
}

void Silence::Heard(Time now, Duration monotonic) {
  record_ = {now, absl::ZeroDuration()};
  counted_ = monotonic;
}

void Silence::Pass(Time now, Duration monotonic) {
  const Duration counted = record_.silent + std::max(monotonic - counted_, absl::ZeroDuration());
  record_.silent = std::max(counted, now - *record_.heard_at);
  counted_ = std::max(counted_, monotonic);
}

bool IsTooOld(const v1::InstalledRelease& release, Duration silence) {
  return silence >= MaxAge(release);
}

Duration TimeLeft(const v1::InstalledRelease& release, Duration silence) {
  return std::max(MaxAge(release) - silence, absl::Seconds(1));
}

}  // namespace flotilla::agent
