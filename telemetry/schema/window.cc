#include "telemetry/schema/window.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "absl/time/time.h"

#include "base/status.h"
#include "base/time.h"
#include "telemetry/schema/metric.h"
#include "telemetry/schema/registry.h"

namespace flotilla::schema {
namespace {

static_assert(std::is_trivially_copyable_v<Window>, "all of a window lies in the object");

constexpr Duration kLongest = absl::Hours(366 * 24);
constexpr double kMostJoules = 1e9;

bool IsSpan(Duration duration) {
  return duration >= absl::ZeroDuration() && duration <= kLongest;
}

// Index of the bucket for what was not seen, always the last.
std::uint32_t NothingSeen(const Metric& metric) {
  return metric.buckets() - 1;
}

std::uint32_t ValueBucket(const Metric& metric, const std::optional<double>& value) {
  return value ? BucketOf(metric, *value).value_or(NothingSeen(metric)) : NothingSeen(metric);
}

std::uint32_t PercentileBucket(const Metric& metric, const PercentileSketch& sketch,
                               std::uint32_t percent) {
  return sketch.Percentile(percent).value_or(NothingSeen(metric));
}

// Ranks for "worst": see CrashClass.
std::uint32_t Severity(CrashClass crash) {
  if (crash == CrashClass::kNone) return 0;
  return crash == CrashClass::kOther ? 1 : static_cast<std::uint32_t>(crash) + 1;
}

// `of` > 0.
double Percent(std::uint64_t part, std::uint64_t of) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(of);
}

}  // namespace

Status Window::OnRequest(const RequestFinished& request) {
  const Duration first = request.time_to_first_token.value_or(absl::ZeroDuration());
  if (!IsSpan(first) || !IsSpan(request.whole) || !IsSpan(request.decode_time) ||
      first > request.whole || request.decoded_tokens > request.tokens) {
    return InvalidArgument("a request with times or counts that cannot be");
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::uint32_t whole,
      BucketOf(MetricOf(MetricId::kRequestP95), absl::ToDoubleMilliseconds(request.whole)));
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint32_t ttft, BucketOf(MetricOf(MetricId::kTtftP95),
                                                               absl::ToDoubleMilliseconds(first)));
  if (request.decoded_tokens > 0 && request.decode_time > absl::ZeroDuration()) {
    const double tps =
        static_cast<double>(request.decoded_tokens) / absl::ToDoubleSeconds(request.decode_time);
    FLOTILLA_ASSIGN_OR_RETURN(const std::uint32_t bucket,
                              BucketOf(MetricOf(MetricId::kDecodeTpsP50), tps));
    decode_tps_.Add(bucket);
  }
  whole_.Add(whole);
  if (request.time_to_first_token) ttft_.Add(ttft);
  ++requests_;
  tokens_ += request.tokens;
  return OkStatus();
}

Status Window::OnMemory(const MemorySample& sample) {
  if (sample.budget_bytes == 0) return InvalidArgument("a memory budget of 0");
  memory_percent_ =
      std::max(memory_percent_.value_or(0), Percent(sample.resident_bytes, sample.budget_bytes));
  return OkStatus();
}

Status Window::OnTemperature(double celsius) {
  FLOTILLA_RETURN_IF_ERROR(BucketOf(MetricOf(MetricId::kTempMax), celsius).status());
  celsius_ = std::max(celsius_.value_or(celsius), celsius);
  return OkStatus();
}

Status Window::OnBusyTime(const BusyTime& time) {
  if (!IsSpan(time.busy) || !IsSpan(time.throttled) || time.throttled > time.busy) {
    return InvalidArgument("a busy time that cannot be");
  }
  busy_ += time.busy;
  throttled_ += time.throttled;
  return OkStatus();
}

Status Window::OnCrash(CrashClass crash) {
  if (crash <= CrashClass::kNone || crash > CrashClass::kOther) {
    return InvalidArgument("a crash without a class");
  }
  if (Severity(crash) > Severity(worst_crash_)) worst_crash_ = crash;
  if (crash == CrashClass::kOomKill) ++oom_kills_;
  ++crashes_;
  return OkStatus();
}

Status Window::OnEnergy(double joules) {
  if (!std::isfinite(joules) || joules < 0 || joules > kMostJoules) {
    return InvalidArgument("an energy that cannot be");
  }
  joules_ = joules_.value_or(0) + joules;
  return OkStatus();
}

Status Window::OnOutcome(Outcome outcome) {
  if (outcome != Outcome::kSolved && outcome != Outcome::kNotSolved) {
    return InvalidArgument("an outcome that is none");
  }
  ++outcomes_;
  if (outcome == Outcome::kSolved) ++solved_;
  return OkStatus();
}

std::uint32_t Window::MemoryBucket(const Metric& metric) const {
  if (oom_kills_ > 0) return metric.NamedBucket(kOutOfMemoryBucket);
  return ValueBucket(metric, memory_percent_);
}

std::uint32_t Window::OutcomeBucket(const Metric& metric) const {
  if (outcomes_ == 0) return NothingSeen(metric);
  if (outcomes_ < kMinOutcomes) return metric.NamedBucket(kTooFewBucket);
  return ValueBucket(metric, Percent(solved_, outcomes_));
}

std::uint32_t Window::Bucket(const Metric& metric) const {
  std::optional<double> value;
  switch (metric.id) {
    case MetricId::kGateVerdict:
      return static_cast<std::uint32_t>(gate_verdict_);
    case MetricId::kTtftP95:
      return PercentileBucket(metric, ttft_, 95);
    case MetricId::kRequestP95:
      return PercentileBucket(metric, whole_, 95);
    case MetricId::kDecodeTpsP50:
      return PercentileBucket(metric, decode_tps_, 50);
    case MetricId::kMemHighWater:
      return MemoryBucket(metric);
    case MetricId::kTempMax:
      return ValueBucket(metric, celsius_);
    case MetricId::kThrottleShare:
      if (busy_ > absl::ZeroDuration()) value = absl::FDivDuration(throttled_ * 100, busy_);
      return ValueBucket(metric, value);
    case MetricId::kCrashClass:
      return static_cast<std::uint32_t>(worst_crash_);
    case MetricId::kCrashCount:
      return ValueBucket(metric, static_cast<double>(crashes_));
    case MetricId::kJoulesPerKtoken:
      if (joules_ && tokens_ > 0) value = *joules_ * 1000 / static_cast<double>(tokens_);
      return ValueBucket(metric, value);
    case MetricId::kOutcomeGoodShare:
      return OutcomeBucket(metric);
    case MetricId::kUsageBand:
      if (requests_ > 0) value = static_cast<double>(requests_);
      return ValueBucket(metric, value);
    case MetricId::kUnspecified:
      break;
  }
  return 0;
}

Votes Window::Reduce(const MetricSwitches& switches) const {
  Votes votes{};
  for (std::size_t i = 0; i < votes.size(); ++i) {
    const Metric& metric = AllMetrics()[i];
    votes[i].metric = metric.id;
    if (switches.IsOn(metric.id)) votes[i].bucket = Bucket(metric);
  }
  return votes;
}

ReleaseHealth Window::Health() const {
  return {.requests = requests_,
          .ttft_p50 = ttft_.Percentile(50),
          .ttft_p95 = ttft_.Percentile(95),
          .request_p50 = whole_.Percentile(50),
          .request_p95 = whole_.Percentile(95),
          .decode_tps_p50 = decode_tps_.Percentile(50),
          .crashes = crashes_,
          .outcomes = outcomes_,
          .solved = solved_};
}

}  // namespace flotilla::schema
