// How often a device's verdict is wrong, with the real window and the real judge. Times are
// log-normal around medians that differ from device to device, as the lengths of prompts do.
#include <cmath>
#include <cstdint>
#include <iostream>

#include <gtest/gtest.h>
#include "absl/time/time.h"

#include "base/random.h"
#include "base/time.h"
#include "telemetry/schema/gate_verdict.h"
#include "telemetry/schema/verdicts.h"
#include "telemetry/schema/window.h"
#include "telemetry/schema/window_events.h"
#include "tests/support/seeded_random.h"

namespace flotilla::schema {
namespace {

struct Device {
  double spread = 0;  // standard deviation of the logarithm of a time
  std::uint64_t requests = 0;
  double median_scale = 1;
};

// In (0, 1).
double Unit(Random& random) {
  return (static_cast<double>(UniformBelow(random, 1ULL << 52U)) + 0.5) * std::pow(2.0, -52);
}

// Box and Muller 1958.
double Normal(Random& random) {
  return std::sqrt(-2 * std::log(Unit(random))) * std::cos(2 * std::acos(-1.0) * Unit(random));
}

Window Live(const Device& device, double slowness, Random& random) {
  Window window;
  for (std::uint64_t i = 0; i < device.requests; ++i) {
    const double scale = device.median_scale * slowness;
    const Duration first =
        absl::Milliseconds(300 * scale * std::exp(device.spread * Normal(random)));
    const Duration rest =
        absl::Milliseconds(3'000 * scale * std::exp(device.spread * Normal(random)));
    EXPECT_TRUE(window.OnRequest({.time_to_first_token = first, .whole = first + rest}).ok());
  }
  return window;
}

// Share of devices that say "worse" of a release whose times are `slowness` times as long.
double ShareWorse(double spread, std::uint64_t requests, double slowness) {
  SeededRandom random(17);
  // Enough of them that a share of 1 % is known to half a percent.
  const std::uint64_t devices = requests < kGateMinForTails ? 1'000 : 400;
  std::uint64_t worse = 0;
  for (std::uint64_t i = 0; i < devices; ++i) {
    const Device device = {
        .spread = spread, .requests = requests, .median_scale = 1 + Unit(random)};
    const Window before = Live(device, 1, random);
    const Window now = Live(device, slowness, random);
    if (JudgeRelease(before.Health(), now.Health(), ReleaseFate::kServing) == GateVerdict::kWorse) {
      ++worse;
    }
  }
  const double share = static_cast<double>(worse) / static_cast<double>(devices);
  std::cout << requests << " requests, spread " << spread << ", times x" << slowness << ": "
            << share << " say worse\n";
  return share;
}

TEST(GateSimulation, AHealthyDeviceSeldomSaysWorse) {
  EXPECT_LT(ShareWorse(0.6, kGateMinRequests, 1), 0.03);
  EXPECT_LT(ShareWorse(1.0, kGateMinRequests, 1), 0.15);
  EXPECT_LT(ShareWorse(0.6, kGateMinForTails, 1), 0.005);
  EXPECT_LT(ShareWorse(1.0, kGateMinForTails, 1), 0.03);
}

TEST(GateSimulation, ADeviceAtHalfItsSpeedNearlyAlwaysSaysWorse) {
  EXPECT_GT(ShareWorse(0.6, kGateMinRequests, 2), 0.97);
  EXPECT_GT(ShareWorse(1.0, kGateMinRequests, 2), 0.95);
  EXPECT_GT(ShareWorse(1.0, kGateMinForTails, 2), 0.99);
}

TEST(GateSimulation, OfTooFewRequestsADeviceSaysNothing) {
  EXPECT_EQ(ShareWorse(1.0, kGateMinRequests - 1, 2), 0);
}

}  // namespace
}  // namespace flotilla::schema
