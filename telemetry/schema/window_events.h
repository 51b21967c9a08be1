// What a window is fed with: numbers and enumerations, nothing of what was asked or answered.
#ifndef FLOTILLA_TELEMETRY_SCHEMA_WINDOW_EVENTS_H_
#define FLOTILLA_TELEMETRY_SCHEMA_WINDOW_EVENTS_H_

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace flotilla::schema {

// One request that an engine answered.
struct RequestFinished {
  // From the arrival of the request; absent when it made no token.
  std::optional<Duration> time_to_first_token{};
  Duration whole{};
  // Made after the first, which the prompt pays for, in `decode_time`. 0 of either: no decode
  // speed.
  std::uint64_t decoded_tokens = 0;
  Duration decode_time{};
  // All that it made; the denominator of energy.
  std::uint64_t tokens = 0;
};

// Resident memory of an engine against what it may use.
struct MemorySample {
  std::uint64_t resident_bytes = 0;
  std::uint64_t budget_bytes = 0;
};

// A stretch of time in which an engine worked, and how much of it the processor was slowed down for
// heat or power.
struct BusyTime {
  Duration busy{};
  Duration throttled{};
};

// What the local application said of an answer.
enum class Outcome { kUnspecified = 0, kSolved, kNotSolved };

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_WINDOW_EVENTS_H_
