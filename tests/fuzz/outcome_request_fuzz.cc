// What the local application posts about an answer.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "engine/worker/answer_id.h"
#include "engine/worker/outcome_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = flotilla::engine::ParseOutcomeRequest(flotilla::AsText({data, size}));
  if (request.ok()) {
    static_cast<void>(flotilla::engine::TagOf(request->id));
    static_cast<void>(flotilla::engine::OutcomeBody(*request));
  }
  return 0;
}
