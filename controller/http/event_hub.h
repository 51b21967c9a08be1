#ifndef FLOTILLA_CONTROLLER_HTTP_EVENT_HUB_H_
#define FLOTILLA_CONTROLLER_HTTP_EVENT_HUB_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace flotilla::http {

// Server-sent events to any number of listeners, the newest kept for listeners that come back with
// Last-Event-ID. Ids rise by one; a listener whose id is older than what is kept gets a "reset"
// event first. Thread-safe.
class EventHub {
 public:
  using Sink = std::function<void(const std::string& frame)>;

  explicit EventHub(std::size_t kept = 1024) : kept_(kept) {}

  // `data` is one line of JSON.
  void Publish(const std::string& event, const std::string& data);
  // Frames after `after_id` now, then every new one, on the publisher's thread. The token is for
  // Unsubscribe.
  std::uint64_t Subscribe(std::uint64_t after_id, Sink sink);
  void Unsubscribe(std::uint64_t token);

 private:
  std::size_t kept_;
  std::mutex mutex_;
  std::uint64_t next_id_ = 1;
  std::uint64_t next_token_ = 1;
  std::deque<std::pair<std::uint64_t, std::string>> frames_;
  std::map<std::uint64_t, Sink> sinks_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_EVENT_HUB_H_
