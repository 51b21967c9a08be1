// The golden prompts: does this model still answer what its publisher expects?
#ifndef FLOTILLA_ENGINE_WORKER_SELF_TEST_H_
#define FLOTILLA_ENGINE_WORKER_SELF_TEST_H_

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/time.h"
#include "base/unique_fd.h"

#include "engine/worker/generation_queue.h"

namespace flotilla::engine {

inline constexpr std::size_t kMaxGoldenBytes = 4 << 20;
inline constexpr std::size_t kMaxGoldenPrompts = 10'000;

struct GoldenPrompt {
  std::string prompt;
  // What must stand in front of " on " in the answer.
  std::string label;
};

// JSON lines {"prompt","expected","label"}; empty lines are passed over. INVALID_ARGUMENT with the
// number of the line, also when there is no prompt at all or too many. Pure.
StatusOr<std::vector<GoldenPrompt>> ParseGolden(std::string_view text);
// Reads all of a descriptor, whose position is neither used nor moved. RESOURCE_EXHAUSTED: over
// kMaxGoldenBytes; others by errno.
StatusOr<std::vector<GoldenPrompt>> ReadGolden(int fd);

// The text before " on ", without white space around it; all of the answer when there is no " on ".
std::string LabelOf(std::string_view answer);

struct SelfTestResult {
  std::uint32_t correct = 0;
  std::uint32_t total = 0;
  // Median over the prompts whose answers have more than one token.
  double tokens_per_second = 0.0;
  Duration elapsed;
};

// Asks each prompt alone, greedily, in an empty context, and compares labels; clients' requests
// take turns with it. Blocking. DEADLINE_EXCEEDED: not done within `timeout`; CANCELLED `stop`;
// INTERNAL the model failed.
StatusOr<SelfTestResult> RunSelfTest(GenerationQueue& queue,
                                     const std::vector<GoldenPrompt>& prompts, Duration timeout,
                                     const Clock& clock, const std::stop_token& stop);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_SELF_TEST_H_
