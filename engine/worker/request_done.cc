#include "engine/worker/request_done.h"

#include <algorithm>
#include <cstdint>

namespace flotilla::engine {
namespace {

std::uint64_t Micros(Duration time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(absl::ToInt64Microseconds(time), 0));
}

}  // namespace

v1::EngineEvent RequestDoneEvent(Duration arrived, Duration ended, const Generation& generation) {
  v1::EngineEvent event;
  v1::EngineRequestDone& done = *event.mutable_request_done();
  done.set_whole_us(Micros(ended - arrived));
  done.set_tokens(generation.completion_tokens);
  if (generation.completion_tokens == 0) {
    return event;
  }
  // 0 would say that there was no token.
  const std::uint64_t first = Micros(ended - generation.decode_time - arrived);
  done.set_time_to_first_token_us(std::max<std::uint64_t>(first, 1));
  done.set_decoded_tokens(generation.completion_tokens - 1);
  done.set_decode_us(Micros(generation.decode_time));
  return event;
}

}  // namespace flotilla::engine
