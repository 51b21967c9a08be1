#ifndef FLOTILLA_ENGINE_WORKER_ANSWERED_IDS_H_
#define FLOTILLA_ENGINE_WORKER_ANSWERED_IDS_H_

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

namespace flotilla::engine {

enum class Marking { kUnspecified = 0, kMarked, kUnknown, kMarkedBefore };

// The newest answers by their ids, and which of them the local application has marked. Keeps ids
// alone, and of kKept answers at most. One thread.
class AnsweredIds {
 public:
  static constexpr std::size_t kKept = 1024;

  // `id` was never added before. The oldest one makes room.
  void Add(const std::string& id);
  // kMarked once for each id.
  Marking Mark(const std::string& id);

  std::size_t size() const { return order_.size(); }

 private:
  enum class State { kUnmarked, kMarked };

  std::deque<std::string> order_;  // oldest first
  std::unordered_map<std::string, State> states_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_ANSWERED_IDS_H_
