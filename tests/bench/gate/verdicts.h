// What a device would say of pairs of windows.
#ifndef FLOTILLA_TESTS_BENCH_GATE_VERDICTS_H_
#define FLOTILLA_TESTS_BENCH_GATE_VERDICTS_H_

#include <array>
#include <cstdint>
#include <string>

#include "base/random.h"
#include "tests/bench/gate/side.h"

namespace flotilla::bench {

// How much slower the new side is made: not at all, and for comparison.
inline constexpr std::array<double, 3> kSlowdowns = {1.0, 1.5, 2.0};
// By how many buckets a median must move to count: what schema::kGateSteps is, or could be.
inline constexpr std::array<std::uint32_t, 3> kSteps = {2, 3, 4};

// Of all pairs so far.
class Verdicts {
 public:
  // The demo model answers in milliseconds, which all fall into the first bucket. So a pair stands
  // for a device that is slower by a factor drawn for it, the same for both sides: its median time
  // to the first token then lies anywhere in 150 ms to 2.4 s, and with it the edges of the buckets
  // lie anywhere among the times. What differs between the sides is as it was measured.
  void Add(const Answers& before, const Answers& now, Random& random);

  // One line of JSON; `begin` is its first fields.
  void Print(const std::string& begin) const;

 private:
  double Share(std::uint32_t count) const;

  std::uint32_t pairs_ = 0;
  std::array<std::uint32_t, kSlowdowns.size()> worse_{};
  std::array<std::array<std::uint32_t, kSteps.size()>, kSlowdowns.size()> moved_{};
  Spread spread_;  // summed over the pairs
};

}  // namespace flotilla::bench

#endif  // FLOTILLA_TESTS_BENCH_GATE_VERDICTS_H_
