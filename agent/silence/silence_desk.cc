#include "agent/silence/silence_desk.h"

#include <algorithm>
#include <utility>

#include "agent/state/silence_record.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

constexpr Duration kMostBetweenLooks = absl::Seconds(30);
constexpr Duration kSaveEvery = absl::Seconds(60);

SilenceRecord Saved(StateDb& db) {
  StatusOr<SilenceRecord> record = LoadSilenceRecord(db);
  if (!record.ok()) {
    LogStatus(LogLevel::kError, "silence.unreadable", record.status());
    return {};
  }
  return *std::move(record);
}

}  // namespace

SilenceDesk::SilenceDesk(Parts parts)
    : parts_(std::move(parts)),
      silence_(Saved(parts_.db), parts_.clock.Now(), parts_.clock.Monotonic()) {}

SilenceDesk::~SilenceDesk() {
  if (timer_.has_value()) {
    parts_.executor.Cancel(*timer_);
  }
}

void SilenceDesk::Start() {
  Look();
}

void SilenceDesk::OnHeard() {
  link_ = Link::kUp;
  Look();
}

void SilenceDesk::OnSessionDown() {
  if (link_ == Link::kUp) {
    Look();
    link_ = Link::kDown;
    saved_.reset();
    Look();
  }
}

void SilenceDesk::OnBundle() {
  OnHeard();
  OnSessionDown();
}

bool SilenceDesk::IsTooOld(const v1::InstalledRelease& release) const {
  return agent::IsTooOld(release, silence_.length());
}

void SilenceDesk::Look() {
  const Time now = parts_.clock.Now();
  const Duration monotonic = parts_.clock.Monotonic();
  if (link_ == Link::kUp) {
    silence_.Heard(now, monotonic);
  } else {
    silence_.Pass(now, monotonic);
  }
  std::vector<bool> old;
  bool matters = false;
  for (const v1::InstalledRelease& release : parts_.running()) {
    old.push_back(IsTooOld(release));
    matters = matters || release.max_age_seconds() > 0;
  }
  if (matters && (!saved_.has_value() || monotonic - *saved_ >= kSaveEvery)) {
    Save();
    saved_ = monotonic;
  }
  if (std::exchange(told_, old) != old) {
    parts_.on_change();
  }
  Arm();
}

void SilenceDesk::Arm() {
  if (timer_.has_value()) {
    parts_.executor.Cancel(*timer_);
  }
  Duration delay = kMostBetweenLooks;
  for (const v1::InstalledRelease& release : parts_.running()) {
    delay = std::min(delay, TimeLeft(release, silence_.length()));
  }
  timer_ = parts_.executor.PostAfter(delay, [this] {
    timer_.reset();
    Look();
  });
}

void SilenceDesk::Save() {
  if (const Status status = SaveSilenceRecord(parts_.db, silence_.record()); !status.ok()) {
    LogStatus(LogLevel::kError, "state.save_failed", status);
  }
}

}  // namespace flotilla::agent
