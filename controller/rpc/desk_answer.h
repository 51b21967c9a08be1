#ifndef FLOTILLA_CONTROLLER_RPC_DESK_ANSWER_H_
#define FLOTILLA_CONTROLLER_RPC_DESK_ANSWER_H_

#include <utility>

#include "base/status.h"
#include "controller/rpc/operator_calls.h"

namespace flotilla::controller {

// For a desk to call with its answer: the caller gets that, or why there is none. `response`
// outlives the call.
template <typename Response>
auto Answer(Response* response, const OperatorCalls::Finish& finish) {
  return [response, finish](StatusOr<Response> answer) {
    const Status status = answer.status();
    if (status.ok()) {
      *response = std::move(*answer);
    }
    finish(status);
  };
}

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_DESK_ANSWER_H_
