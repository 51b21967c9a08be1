#include "tests/bench/gate/side.h"

#include <fcntl.h>

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

StatusOr<v1::EngineRequestDone> Ask(LlamaEngine& model, const Traffic& traffic, Random& random) {
  const OsClock clock;
  const std::string prompt = Prompt(traffic, random);
  const Duration arrived = clock.Monotonic();
  engine::GenerateRequest request;
  FLOTILLA_ASSIGN_OR_RETURN(request.prompt,
                            model.Tokenise(std::vector<engine::ChatMessage>{{"user", prompt}}));
  request.max_tokens = Between(random, traffic.least_tokens, traffic.most_tokens);
  FLOTILLA_ASSIGN_OR_RETURN(const engine::Generation generation,
                            model.Generate(
                                request, [](std::string_view /*piece*/) {}, std::stop_token()));
  return engine::RequestDoneEvent(arrived, clock.Monotonic(), generation).request_done();
}

double SpreadOfLog(const std::vector<v1::EngineRequestDone>& done,
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

StatusOr<std::vector<v1::EngineRequestDone>> RunSide(const std::string& model_path,
                                                     const Traffic& traffic, std::uint32_t requests,
                                                     Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto model, Load(model_path));
  std::vector<v1::EngineRequestDone> done;
  for (std::uint32_t i = 0; i < requests; ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(v1::EngineRequestDone request, Ask(*model, traffic, random));
    done.push_back(std::move(request));
  }
  return done;
}

schema::ReleaseHealth HealthOf(const std::vector<v1::EngineRequestDone>& done, double slowness) {
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

Spread SpreadOf(const std::vector<v1::EngineRequestDone>& done) {
  return {
      SpreadOfLog(
          done, [](const auto& one) { return static_cast<double>(one.time_to_first_token_us()); }),
      SpreadOfLog(done, [](const auto& one) { return static_cast<double>(one.whole_us()); })};
}

}  // namespace flotilla::bench
