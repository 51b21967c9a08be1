#include "agent/trust/trust_desk.h"

#include <algorithm>
#include <utility>

#include "base/jitter.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

constexpr Duration kLeastTick = absl::Milliseconds(500);
constexpr Duration kMostTick = absl::Minutes(1);
// A fleet that comes back does not refresh all at once.
constexpr Duration kMostSpread = absl::Seconds(30);

}  // namespace

StatusOr<std::unique_ptr<TrustDesk>> TrustDesk::Create(const TrustDeskOptions& options,
                                                       Parts parts) {
  FLOTILLA_ASSIGN_OR_RETURN(const TrustRecord saved, LoadTrustRecord(parts.db));
  return std::unique_ptr<TrustDesk>(new TrustDesk(options, std::move(parts), saved));
}

TrustDesk::TrustDesk(const TrustDeskOptions& options, Parts parts, const TrustRecord& saved)
    : options_(options),
      parts_(std::move(parts)),
      watch_(saved, options.stale_after, parts_.clock.Monotonic()) {}

TrustDesk::~TrustDesk() {
  if (timer_.has_value()) {
    parts_.executor.Cancel(*timer_);
  }
}

void TrustDesk::Start() {
  Tick();
}

void TrustDesk::OnWelcome() {
  if (watch_.OnTick(parts_.clock.Judge(), parts_.clock.Monotonic())) {
    Keep();  // the time was attested
  }
  if (!next_refresh_.has_value()) {
    next_refresh_ = parts_.clock.Monotonic() +
                    UniformUpTo(parts_.random, std::min(options_.refresh_every / 8, kMostSpread));
  }
}

void TrustDesk::OnNews(const TrustNews& news) {
  if (!news.status.ok()) {
    LogStatus(LogLevel::kWarning, "trust.refresh_failed", news.status);
  }
  watch_.OnRefresh(news, parts_.clock.Judge(), parts_.clock.Monotonic());
  if (next_refresh_.has_value()) {
    next_refresh_ = parts_.clock.Monotonic() + options_.refresh_every * 9 / 10 +
                    UniformUpTo(parts_.random, options_.refresh_every / 5);
  }
  Keep();
}

void TrustDesk::Tick() {
  timer_ = parts_.executor.PostAfter(std::clamp(options_.stale_after / 4, kLeastTick, kMostTick),
                                     [this] { Tick(); });
  const bool was_stale = watch_.record().stale;
  if (watch_.OnTick(parts_.clock.Judge(), parts_.clock.Monotonic())) {
    if (watch_.record().stale && !was_stale) {
      LogWarning(
          "trust.stale",
          {{"refreshed", UtcText(watch_.record().refreshed_at.value_or(absl::UnixEpoch()))}});
    }
    Keep();
  }
  if (next_refresh_.has_value() && parts_.clock.Monotonic() >= *next_refresh_) {
    next_refresh_ = parts_.clock.Monotonic() + options_.refresh_every;
    parts_.refresh();
  }
}

void TrustDesk::Keep() {
  if (const Status saved = SaveTrustRecord(parts_.db, watch_.record()); !saved.ok()) {
    LogStatus(LogLevel::kError, "state.save_failed", saved);
  }
  parts_.on_change();
}

}  // namespace flotilla::agent
