// Whatever happens, in whatever order: the promises of a rollout hold. docs/rollouts.md.
#include <string>

#include <gtest/gtest.h>

#include "tests/property/history_world.h"
#include "tests/property/property_flags.h"

namespace flotilla::rollout {
namespace {

std::string TextOf(const HistoryWorld& world) {
  std::string text;
  for (const std::string& event : world.events()) {
    text += event + "\n";
  }
  return text;
}

// No promotion without PASSED; in flight never over the caps; counters equal a recount; terminal
// states final; one active rollout and one desired release a device; a restart changes nothing; and
// once all is delivered the baseline is back wherever a release was taken back.
TEST(RolloutHistories, KeepEveryPromise) {
  const PropertyFlags& flags = Flags();
  for (std::uint32_t i = 0; i < flags.histories && !HasFailure(); ++i) {
    const std::uint32_t seed = flags.first_seed + i;
    HistoryWorld world(seed);
    std::string broken = world.Run(flags.steps);
    if (broken.empty()) {
      broken = world.Settle();
    }
    EXPECT_EQ(broken, "") << "seed " << seed << "\n" << TextOf(world);
  }
}

}  // namespace
}  // namespace flotilla::rollout
