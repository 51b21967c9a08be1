#include "tests/bench/gate/side.h"

#include <fcntl.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

#include "absl/strings/str_cat.h"

#include "agent/engine/line_health.h"
#include "base/os_clock.h"
#include "engine/llama/llama_engine.h"
#include "engine/worker/request_done.h"
#include "security/sha256.h"
#include "telemetry/schema/window.h"

namespace flotilla::bench {
namespace {

using engine::LlamaEngine;

std::uint32_t Between(Random& random, std::uint32_t least, std::uint32_t most) {
  return least + static_cast<std::uint32_t>(UniformBelow(random, most - least + 1));
}

std::string Prompt(const Traffic& traffic, Random& random) {
  std::string text;
  for (std::uint32_t line = Between(random, traffic.least_lines, traffic.most_lines); line > 0;
       --line) {
    absl::StrAppend(&text, "pump-", Between(random, 1, 99), " temp=", Between(random, 20, 99),
                    "C vib=", Between(random, 0, 9), ".", Between(random, 0, 9),
                    "mm/s rpm=", Between(random, 0, 2000), " current=", Between(random, 1, 40), "A",
                    line > 1 ? "\n" : "");
  }
  return text;
}

StatusOr<std::unique_ptr<LlamaEngine>> Load(const std::string& path) {
  engine::LlamaOptions options;
  FLOTILLA_ASSIGN_OR_RETURN(options.model_sha256, security::Sha256File(path));
  UniqueFd model(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return LlamaEngine::Load({.model = std::move(model)}, options);
}

// Time that this thread had a processor; the model is small and uses no other.
Duration ProcessorTime() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

Status Ask(LlamaEngine& model, const Traffic& traffic, Random& random, Side& side) {
  const OsClock clock;
  const std::string prompt = Prompt(traffic, random);
  const Duration arrived = clock.Monotonic();
  const Duration begun = ProcessorTime();
  Duration first = absl::InfiniteDuration();
  engine::GenerateRequest request;
  FLOTILLA_ASSIGN_OR_RETURN(request.prompt,
                            model.Tokenise(std::vector<engine::ChatMessage>{{"user", prompt}}));
  request.max_tokens = Between(random, traffic.least_tokens, traffic.most_tokens);
  const engine::PieceSink note_first = [&first](std::string_view /*piece*/) {
    first = std::min(first, ProcessorTime());
  };
  FLOTILLA_ASSIGN_OR_RETURN(engine::Generation generation,
                            model.Generate(request, note_first, std::stop_token()));
  const Duration ended = ProcessorTime();
  side.as_told.push_back(
      engine::RequestDoneEvent(arrived, clock.Monotonic(), generation).request_done());
  generation.decode_time = ended - std::min(first, ended);
  side.as_if_alone.push_back(engine::RequestDoneEvent(begun, ended, generation).request_done());
  return OkStatus();
}

double SpreadOfLog(const Answers& done,
                   const std::function<double(const v1::EngineRequestDone&)>& time) {
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (const v1::EngineRequestDone& request : done) {
    const double value = std::log(std::max(1.0, time(request)));
    sum += value;
    squares += value * value;
    count += 1;
  }
  return count == 0 ? 0 : std::sqrt(std::max(0.0, squares / count - (sum / count) * (sum / count)));
}

}  // namespace

StatusOr<Side> RunSide(const std::string& model_path, const Traffic& traffic,
                       std::uint32_t requests, Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto model, Load(model_path));
  Side side;
  for (std::uint32_t i = 0; i < requests; ++i) {
    FLOTILLA_RETURN_IF_ERROR(Ask(*model, traffic, random, side));
  }
  return side;
}

schema::ReleaseHealth HealthOf(const Answers& done, double slowness) {
  schema::Window window;
  for (const v1::EngineRequestDone& one : done) {
    schema::RequestFinished request = agent::RequestOf(one);
    request.whole *= slowness;
    request.decode_time *= slowness;
    if (request.time_to_first_token.has_value()) {
      request.time_to_first_token = *request.time_to_first_token * slowness;
    }
    window.OnRequest(request).IgnoreError();
  }
  return window.Health();
}

Spread SpreadOf(const Answers& done) {
  return {
      SpreadOfLog(
          done, [](const auto& one) { return static_cast<double>(one.time_to_first_token_us()); }),
      SpreadOfLog(done, [](const auto& one) { return static_cast<double>(one.whole_us()); })};
}

}  // namespace flotilla::bench
