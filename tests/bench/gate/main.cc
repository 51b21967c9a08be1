// How often a healthy device calls a release worse that is the same as the one before (A/A): the
// same model, loaded anew for each side, answers for real, and schema::JudgeRelease compares.
// Run: build/release/bench/gate_bench [pairs of windows] [requests a window] [model.gguf]
// Default: 200 pairs of 50 requests; some minutes. JSON lines, one for each
// traffic "alike" (a machine asks, always in one form) or "mixed" (people ask);
// times   "as_told", by the clock, with whatever else this machine does, or "as_if_alone", time of
//         the processor, as on a machine that does nothing else;
// order   "sides", one after the other as on a device, or "alternate", every other request of both:
//         then what the machine did meanwhile falls on both sides alike.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/os_random.h"
#include "tests/bench/gate/side.h"
#include "tests/bench/gate/verdicts.h"

namespace flotilla::bench {
namespace {

struct Settings {
  std::uint32_t pairs = 200;
  std::uint32_t requests = 50;
  std::string model;
};

std::pair<Answers, Answers> Alternate(const Answers& before, const Answers& now) {
  std::pair<Answers, Answers> sides;
  bool even = false;
  for (const Answers* const answers : {&before, &now}) {
    for (const auto& answer : *answers) {
      (even ? sides.first : sides.second).push_back(answer);
      even = !even;
    }
  }
  return sides;
}

// Both orders of one kind of times.
struct Orders {
  Verdicts sides;
  Verdicts alternate;

  void Add(const Answers& before, const Answers& now, Random& random) {
    sides.Add(before, now, random);
    const auto [even, odd] = Alternate(before, now);
    alternate.Add(even, odd, random);
  }
  void Print(const std::string& begin) const {
    sides.Print(absl::StrCat(begin, ",\"order\":\"sides\""));
    alternate.Print(absl::StrCat(begin, ",\"order\":\"alternate\""));
  }
};

Status Measure(const Settings& settings, const Traffic& traffic) {
  OsRandom random;
  Orders as_told;
  Orders as_if_alone;
  for (std::uint32_t pair = 0; pair < settings.pairs; ++pair) {
    FLOTILLA_ASSIGN_OR_RETURN(const Side before,
                              RunSide(settings.model, traffic, settings.requests, random));
    FLOTILLA_ASSIGN_OR_RETURN(const Side now,
                              RunSide(settings.model, traffic, settings.requests, random));
    as_told.Add(before.as_told, now.as_told, random);
    as_if_alone.Add(before.as_if_alone, now.as_if_alone, random);
  }
  const std::string begin =
      absl::StrCat("\"pairs\":", settings.pairs, ",\"requests\":", settings.requests,
                   ",\"traffic\":\"", traffic.name, "\",\"times\":");
  as_told.Print(absl::StrCat(begin, "\"as_told\""));
  as_if_alone.Print(absl::StrCat(begin, "\"as_if_alone\""));
  return OkStatus();
}

Status MeasureAll(const Settings& settings) {
  const std::array<Traffic, 2> kinds = {Traffic{"alike", 1, 1, 16, 16},
                                        Traffic{"mixed", 1, 4, 4, 40}};
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
