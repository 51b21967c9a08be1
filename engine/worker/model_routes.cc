#include "engine/worker/model_routes.h"

#include <utility>

#include "engine/worker/answer_id.h"

namespace flotilla::engine {

ModelRoutes::ModelRoutes(std::string line, std::string own_id,
                         std::map<std::string, std::string> siblings)
    : line_(std::move(line)), own_id_(std::move(own_id)), siblings_(std::move(siblings)) {
  siblings_.erase(line_);
  by_tag_[LineTag(line_)];
  for (const auto& [sibling, path] : siblings_) {
    by_tag_.emplace(LineTag(sibling), path);
  }
}

Route ModelRoutes::Find(std::string_view model) const {
  if (model.empty() || model == line_ || model == own_id_) {
    return {RouteKind::kOwn, {}};
  }
  const auto sibling = siblings_.find(std::string(model.substr(0, model.find('@'))));
  if (sibling == siblings_.end()) {
    return {RouteKind::kUnknown, {}};
  }
  return {RouteKind::kSibling, sibling->second};
}

Route ModelRoutes::FindAnswer(std::string_view id) const {
  const auto found = by_tag_.find(TagOf(id));
  if (found == by_tag_.end()) {
    return {RouteKind::kUnknown, {}};
  }
  return found->second.empty() ? Route{RouteKind::kOwn, {}}
                               : Route{RouteKind::kSibling, found->second};
}

std::vector<std::string> ModelRoutes::SiblingIds() const {
  std::vector<std::string> ids;
  for (const auto& [line, path] : siblings_) {
    ids.push_back(line);
  }
  return ids;
}

}  // namespace flotilla::engine
