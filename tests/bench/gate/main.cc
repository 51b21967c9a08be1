// How often a healthy device calls a release worse that is the same as the one before (A/A): the
// same model, loaded anew for each side, answers for real, and schema::JudgeRelease compares.
// Run: build/release/bench/gate_bench [pairs of windows] [requests a window] [model.gguf]
// Default: 200 pairs of 50 requests. One JSON line for each kind of traffic.
//
// The demo model answers in milliseconds, which all fall into the first bucket. So each pair stands
// for a device that is slower by a factor drawn for it, the same for both sides: its median time to
// the first token then lies anywhere in 150 ms to 2.4 s, and with it the edges of the buckets lie
// anywhere among the times. What differs between the two sides is as it was measured.
// For comparison the same windows are judged with the new side slower by 1.5 and by 2.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <tuple>
#include <vector>

#include "base/os_random.h"
#include "telemetry/schema/gate_verdict.h"
#include "tests/bench/gate/side.h"

namespace flotilla::bench {
namespace {

constexpr double kFastestFirstTokenUs = 150e3;
constexpr double kFactors = 16;  // slowest to fastest device
constexpr std::array<double, 3> kSlowdowns = {1.0, 1.5, 2.0};

struct Settings {
  std::uint32_t pairs = 200;
  std::uint32_t requests = 50;
  std::string model;
};

struct Tally {
  std::array<std::uint32_t, 5> verdicts{};
  double Share(schema::GateVerdict verdict) const {
    std::uint32_t all = 0;
    for (const std::uint32_t count : verdicts) {
      all += count;
    }
    return all == 0 ? 0 : static_cast<double>(verdicts.at(static_cast<std::size_t>(verdict))) / all;
  }
};

double MedianFirstTokenUs(std::vector<v1::EngineRequestDone> done) {
  const auto middle = done.begin() + static_cast<std::ptrdiff_t>(done.size() / 2);
  std::nth_element(done.begin(), middle, done.end(), [](const auto& a, const auto& b) {
    return a.time_to_first_token_us() < b.time_to_first_token_us();
  });
  return std::max(1.0, static_cast<double>(middle->time_to_first_token_us()));
}

double DrawSlowness(double median_us, Random& random) {
  const double unit = static_cast<double>(UniformBelow(random, 1U << 30U)) / (1U << 30U);
  return kFastestFirstTokenUs * std::pow(kFactors, unit) / median_us;
}

Status Measure(const Settings& settings, const Traffic& traffic) {
  OsRandom random;
  std::array<Tally, kSlowdowns.size()> tallies;
  double first_spread = 0;
  double whole_spread = 0;
  for (std::uint32_t pair = 0; pair < settings.pairs; ++pair) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto before,
                              RunSide(settings.model, traffic, settings.requests, random));
    FLOTILLA_ASSIGN_OR_RETURN(const auto now,
                              RunSide(settings.model, traffic, settings.requests, random));
    const double slowness = DrawSlowness(MedianFirstTokenUs(before), random);
    const schema::ReleaseHealth old_health = HealthOf(before, slowness);
    for (std::size_t i = 0; i < kSlowdowns.size(); ++i) {
      const schema::GateVerdict verdict = JudgeRelease(
          old_health, HealthOf(now, slowness * kSlowdowns.at(i)), schema::ReleaseFate::kServing);
      ++tallies.at(i).verdicts.at(static_cast<std::size_t>(verdict));
    }
    const Spread spread = SpreadOf(before);
    first_spread += spread.first_token / settings.pairs;
    whole_spread += spread.whole / settings.pairs;
  }
  using schema::GateVerdict;
  std::printf(
      "{\"traffic\":\"%s\",\"pairs\":%u,\"requests\":%u,\"spread_first_token\":%.2f,"
      "\"spread_request\":%.2f,\"false_worse\":%.4f,\"false_better\":%.4f,\"no_data\":%.4f,"
      "\"found_at_1.5\":%.4f,\"found_at_2\":%.4f}\n",
      traffic.name.c_str(), settings.pairs, settings.requests, first_spread, whole_spread,
      tallies[0].Share(GateVerdict::kWorse), tallies[0].Share(GateVerdict::kBetter),
      tallies[0].Share(GateVerdict::kNoData), tallies[1].Share(GateVerdict::kWorse),
      tallies[2].Share(GateVerdict::kWorse));
  std::ignore = std::fflush(stdout);
  return OkStatus();
}

Status MeasureAll(const Settings& settings) {
  const std::array<Traffic, 2> kinds = {
      Traffic{"alike", 1, 1, 16, 16},  // a machine asks, always in one form
      Traffic{"mixed", 1, 4, 4, 40},   // people ask
  };
  for (const Traffic& traffic : kinds) {
    FLOTILLA_RETURN_IF_ERROR(Measure(settings, traffic));
  }
  return OkStatus();
}

}  // namespace
}  // namespace flotilla::bench

int main(int argc, char** argv) {
  try {
    flotilla::bench::Settings settings;
    settings.model = argc > 3 ? argv[3] : FLOTILLA_DEMO_DIR "/plant-slm-v2-q8_0.gguf";
    if (argc > 1) settings.pairs = static_cast<std::uint32_t>(std::stoul(argv[1]));
    if (argc > 2) settings.requests = static_cast<std::uint32_t>(std::stoul(argv[2]));
    const flotilla::Status status = flotilla::bench::MeasureAll(settings);
    if (status.ok()) return EXIT_SUCCESS;
    std::ignore = std::fprintf(stderr, "gate_bench: %s\n", status.ToString().c_str());
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "gate_bench: %s\n", error.what());
  }
  return EXIT_FAILURE;
}
