#ifndef FLOTILLA_BASE_CONFIG_NEAREST_NAME_H_
#define FLOTILLA_BASE_CONFIG_NEAREST_NAME_H_

#include <string>
#include <string_view>
#include <vector>

namespace flotilla::config {

// The one of `names` with the fewest single-character edits from `name`, when a typing mistake
// explains the difference (at most 2 edits, or a third of the length of longer names); empty
// otherwise.
std::string NearestName(std::string_view name, const std::vector<std::string>& names);

// "; did you mean 'labels'?", or "; one of: a, b, c" when nothing is near, or "" without names.
std::string Suggestion(std::string_view name, const std::vector<std::string>& names);

}  // namespace flotilla::config

#endif  // FLOTILLA_BASE_CONFIG_NEAREST_NAME_H_
