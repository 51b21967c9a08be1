// One side of a gate's comparison, really measured: requests that llama.cpp answers.
#ifndef FLOTILLA_TESTS_BENCH_GATE_SIDE_H_
#define FLOTILLA_TESTS_BENCH_GATE_SIDE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "flotilla/v1/engine.pb.h"
#include "telemetry/schema/release_health.h"

namespace flotilla::bench {

// How different the requests of a device are from each other.
struct Traffic {
  std::string name;
  // Lines of sensor readings in a prompt, and the most tokens of an answer: uniform in these.
  std::uint32_t least_lines = 1;
  std::uint32_t most_lines = 1;
  std::uint32_t least_tokens = 16;
  std::uint32_t most_tokens = 16;
};

using Answers = std::vector<v1::EngineRequestDone>;

// What the agent would be told of each request; and the same in time that the processor spent on
// it, as on a machine that does nothing else.
struct Side {
  Answers as_told;
  Answers as_if_alone;
};

// Answers `requests` of them, one after another, with an engine that is loaded for it, as after a
// swap, and ends with it.
StatusOr<Side> RunSide(const std::string& model_path, const Traffic& traffic,
                       std::uint32_t requests, Random& random);

// The window of a device whose times are `slowness` times those of this machine.
schema::ReleaseHealth HealthOf(const Answers& done, double slowness);

// Standard deviation of the logarithm of the times to the first token, and of whole requests.
struct Spread {
  double first_token = 0;
  double whole = 0;
};
Spread SpreadOf(const Answers& done);

}  // namespace flotilla::bench

#endif  // FLOTILLA_TESTS_BENCH_GATE_SIDE_H_
