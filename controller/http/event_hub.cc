#include "controller/http/event_hub.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace flotilla::http {

void EventHub::Publish(const std::string& event, const std::string& data) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  std::string frame =
      "id: " + std::to_string(id) + "\nevent: " + event + "\ndata: " + data + "\n\n";
  for (const auto& [token, sink] : sinks_) {
    sink(frame);
  }
  frames_.emplace_back(id, std::move(frame));
  if (frames_.size() > kept_) {
    frames_.pop_front();
  }
}

std::uint64_t EventHub::Subscribe(std::uint64_t after_id, Sink sink) {
  const std::lock_guard lock(mutex_);
  const bool missed = after_id != 0 && (after_id >= next_id_ ||
                                        (!frames_.empty() && after_id + 1 < frames_.front().first));
  if (missed) {
    sink("event: reset\ndata: {}\n\n");
  }
  for (const auto& [id, frame] : frames_) {
    if (after_id != 0 && id > after_id) {
      sink(frame);
    }
  }
  const std::uint64_t token = next_token_++;
  sinks_.emplace(token, std::move(sink));
  return token;
}

void EventHub::Unsubscribe(std::uint64_t token) {
  const std::lock_guard lock(mutex_);
  sinks_.erase(token);
}

}  // namespace flotilla::http
