// The reduction behind `gate_verdict`: a device compares itself on the new release with itself on
// the release before, and says one of five words. The thresholds are simulated and measured
// (tests/bench/gate); rollouts of the same release again (A/A) teach how often a healthy device of
// a fleet says "worse".
#ifndef FLOTILLA_TELEMETRY_SCHEMA_GATE_VERDICT_H_
#define FLOTILLA_TELEMETRY_SCHEMA_GATE_VERDICT_H_

#include <cstdint>

#include "telemetry/schema/release_health.h"
#include "telemetry/schema/verdicts.h"

namespace flotilla::schema {

// Of how many requests each side needs for its medians, and for its 95th percentiles, to be
// compared. Simulated with log-normal times (GateSimulation in the tests): of two equal sides a
// healthy device says "worse" in about 2 % of windows of 50 requests when the logarithm's standard
// deviation is 0.6, in about 11 % when it is 1.0, and a release that takes twice as long is found
// in 97 % and more. With 20 requests it would be 12 and 27 %, with their 95th percentiles more.
inline constexpr std::uint64_t kGateMinRequests = 50;
inline constexpr std::uint64_t kGateMinForTails = 500;

// By how many buckets a percentile must move to count. Two buckets apart means at least one whole
// step between the values (time to first token 1.26, request 1.4, speed 1.25 times), wherever the
// edges lie; neighbours may differ by nothing.
// Measured (tests/bench/gate): llama.cpp with the demo model, loaded anew for each side, 200 pairs
// of windows of 50 requests, on two cores that 15 other programs wanted. Share of pairs in which a
// median was worse by so many buckets, of the same release and of one slowed down; requests of one
// form / of many:
//                                      same          1.5 times    twice
//   processor time, sides in turn  2    2.5 /  2.5 %  79 / 82 %    99 /  99 %
//                                  3    0.0 /  0.0    21 / 19      90 /  89
//   clock, every other request     2    3.5 /  6.5    95 / 90     100 / 100
//                                  3    0.5 /  1.5    18 / 27      99 /  96
//   clock, sides in turn           2   25.0 / 19.5    80 / 76      98 /  97
//                                  3   15.0 /  3.5    44 / 42      87 /  80
// Two buckets stay: on a machine whose load is steady they cost about the 3 % that gates are
// planned with, and three would no longer find 1.5 times. The last rows are windows of seconds, in
// which the other programs came and went. A fleet whose devices say "worse" that often (A/A) needs
// windows that are long beside such changes, or three buckets; the control arm, which is struck
// alike, keeps its gate right, and costs it devices.
inline constexpr std::uint32_t kGateSteps = 2;

// The share of solved answers: at 50 marks a side the difference of two equal shares of 80 % has a
// standard deviation of 8 points, so that 20 points are 2.5 of them.
inline constexpr std::uint64_t kGateMinOutcomes = 50;
inline constexpr std::uint64_t kGateOutcomePoints = 20;

// What became of the new release on this device.
enum class ReleaseFate {
  kUnspecified = 0,
  kServing,
  // The device went back or could not, or its engine is in a crash loop, quarantined or in safe
  // mode (the states 310, 315 and 320 of a deployment).
  kGaveUp,
};

// Both sides are windows of one length. In this order: failed, when the device gave the release up;
// worse, when engines crashed more often; no-data, when a side has fewer than kGateMinRequests;
// worse, when any comparison is (those of 95th percentiles from kGateMinForTails on); better, when
// one is and none is worse; else same. A comparison that one side has no values for says nothing.
GateVerdict JudgeRelease(const ReleaseHealth& before, const ReleaseHealth& now, ReleaseFate fate);

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_GATE_VERDICT_H_
