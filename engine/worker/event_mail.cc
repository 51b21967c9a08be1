#include "engine/worker/event_mail.h"

#include <utility>

namespace flotilla::engine {

void EventMail::Add(v1::EngineEvent event) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() < kMost) {
    waiting_.push_back(std::move(event));
  }
}

std::vector<v1::EngineEvent> EventMail::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

}  // namespace flotilla::engine
