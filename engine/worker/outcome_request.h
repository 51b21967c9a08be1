// The body of POST /v1/outcome: {"id":"chatcmpl-...","outcome":"solved"}.
#ifndef FLOTILLA_ENGINE_WORKER_OUTCOME_REQUEST_H_
#define FLOTILLA_ENGINE_WORKER_OUTCOME_REQUEST_H_

#include <string>
#include <string_view>

#include "base/status.h"

namespace flotilla::engine {

enum class AnswerOutcome { kUnspecified = 0, kSolved, kNotSolved };

struct OutcomeRequest {
  // Of the answer that is marked.
  std::string id;
  AnswerOutcome outcome = AnswerOutcome::kUnspecified;
};

// Fields that are not known are refused: what is marked is a yes or a no, and there is no room for
// a comment. INVALID_ARGUMENT with a sentence for the client. Pure.
StatusOr<OutcomeRequest> ParseOutcomeRequest(std::string_view body);

// {"id","object":"outcome","outcome"}
std::string OutcomeBody(const OutcomeRequest& request);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_OUTCOME_REQUEST_H_
