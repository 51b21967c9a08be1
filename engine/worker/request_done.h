#ifndef FLOTILLA_ENGINE_WORKER_REQUEST_DONE_H_
#define FLOTILLA_ENGINE_WORKER_REQUEST_DONE_H_

#include "base/time.h"
#include "engine/api/model_engine.h"
#include "flotilla/v1/engine.pb.h"

namespace flotilla::engine {

// What the agent hears of an answered request: times and counts, nothing of what was asked or
// answered. `arrived` is when the whole request was here, `ended` when its last token was made; the
// wait in the queue is in between. Pure.
v1::EngineEvent RequestDoneEvent(Duration arrived, Duration ended, const Generation& generation);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_REQUEST_DONE_H_
