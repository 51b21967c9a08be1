#ifndef FLOTILLA_ENGINE_WORKER_EVENT_MAIL_H_
#define FLOTILLA_ENGINE_WORKER_EVENT_MAIL_H_

#include <cstddef>
#include <mutex>
#include <vector>

#include "flotilla/v1/engine.pb.h"

namespace flotilla::engine {

// Events for the agent, from the endpoint's thread to the one that sends them: an agent that does
// not read never holds up an answer. Thread-safe.
class EventMail {
 public:
  static constexpr std::size_t kMost = 4096;

  // Beyond kMost that wait the event is dropped.
  void Add(v1::EngineEvent event);
  // In their order.
  std::vector<v1::EngineEvent> Take();

 private:
  std::mutex mutex_;
  std::vector<v1::EngineEvent> waiting_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_EVENT_MAIL_H_
