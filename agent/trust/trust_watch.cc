#include "agent/trust/trust_watch.h"

namespace flotilla::agent {
namespace {

constexpr std::int64_t kHour = 3600;

std::int64_t Rounded(Time time) {
  return absl::ToUnixSeconds(time) / kHour * kHour;
}

void Newest(const std::optional<Time>& time, std::optional<Time>& newest) {
  if (time.has_value() && (!newest.has_value() || *newest < *time)) {
    newest = time;
  }
}

}  // namespace

TrustWatch::TrustWatch(const TrustRecord& saved, Duration stale_after, Duration monotonic)
    : record_(saved), stale_after_(stale_after), fresh_monotonic_(monotonic) {}

void TrustWatch::OnRefresh(const TrustNews& news, const JudgedTime& clock, Duration monotonic) {
  Newest(news.dates.timestamp_issued, record_.metadata_issued);
  Newest(news.dates.snapshot_issued, record_.metadata_issued);
  if (news.status.ok()) {
    record_.refreshed_at = clock.now;
    record_.publisher_issued = news.dates.publisher_issued;
    record_.publisher_expires = news.dates.publisher_expires;
    record_.failing_since.reset();
    record_.failure_reason = 0;
    fresh_monotonic_ = monotonic;
  } else {
    record_.failing_since = record_.failing_since.value_or(clock.now);
    record_.failure_reason = ReasonNumber(news.status);
  }
  OnTick(clock, monotonic);
}

bool TrustWatch::OnTick(const JudgedTime& clock, Duration monotonic) {
  const TrustRecord before = record_;
  const bool old =
      record_.refreshed_at.has_value() && clock.now - *record_.refreshed_at > stale_after_;
  record_.stale = old || monotonic - fresh_monotonic_ > stale_after_;
  record_.clock_cause = clock.cause;
  return record_ != before;
}

void TrustWatch::Describe(v1::Condition& condition) const {
  condition.set_clock(record_.clock_cause == v1::FAILURE_REASON_UNSPECIFIED ||
                              record_.clock_cause == v1::FAILURE_REASON_CLOCK_ATTESTATION_BAD
                          ? v1::CLOCK_CONDITION_TRUSTED
                          : v1::CLOCK_CONDITION_UNTRUSTED);
  condition.set_clock_cause(static_cast<v1::FailureReason>(record_.clock_cause));
  condition.set_metadata_stale(record_.stale);
  if (record_.metadata_issued.has_value()) {
    condition.mutable_metadata_issued_at()->set_seconds(Rounded(*record_.metadata_issued));
  }
  if (record_.publisher_expires.has_value()) {
    condition.mutable_publisher_expires_at()->set_seconds(Rounded(*record_.publisher_expires));
  }
}

}  // namespace flotilla::agent
