#ifndef FLOTILLA_ENGINE_WORKER_MODEL_ROUTES_H_
#define FLOTILLA_ENGINE_WORKER_MODEL_ROUTES_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace flotilla::engine {

enum class RouteKind { kUnspecified = 0, kOwn, kSibling, kUnknown };

struct Route {
  RouteKind kind = RouteKind::kUnspecified;
  // Of the Unix socket where the sibling's requests go.
  std::string socket_path;
};

// Which engine of this device answers for a request's `model`. Pure, immutable.
class ModelRoutes {
 public:
  // `own_id` is "<line>@<version>"; `siblings` maps other lines to their sockets' paths.
  ModelRoutes(std::string line, std::string own_id, std::map<std::string, std::string> siblings);

  // Own: "", the line, or the line with the version that runs here. A sibling is found by its line,
  // with any version: it knows its own. Anything else is unknown.
  Route Find(std::string_view model) const;
  // Which engine made the answer of this id; unknown: none of this device.
  Route FindAnswer(std::string_view id) const;
  const std::string& line() const { return line_; }
  const std::string& own_id() const { return own_id_; }
  std::vector<std::string> SiblingIds() const;

 private:
  std::string line_;
  std::string own_id_;
  std::map<std::string, std::string> siblings_;
  // By LineTag, sockets; the own one is empty.
  std::map<std::string, std::string, std::less<>> by_tag_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_MODEL_ROUTES_H_
