#include "engine/worker/answered_ids.h"

#include <utility>

namespace flotilla::engine {

void AnsweredIds::Add(const std::string& id) {
  if (order_.size() == kKept) {
    states_.erase(order_.front());
    order_.pop_front();
  }
  states_.emplace(id, State::kUnmarked);
  order_.push_back(id);
}

Marking AnsweredIds::Mark(const std::string& id) {
  const auto found = states_.find(id);
  if (found == states_.end()) {
    return Marking::kUnknown;
  }
  return std::exchange(found->second, State::kMarked) == State::kMarked ? Marking::kMarkedBefore
                                                                        : Marking::kMarked;
}

}  // namespace flotilla::engine
