// Patterns of delegations against target paths: the answer is the one a plain recursive matcher
// gives. The input is "PATTERN\nPATH".
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <algorithm>
#include <string_view>

#include "security/tuf/delegation.h"
#include "security/tuf/target_path.h"

namespace {

// Exponential for many stars, so only asked for short inputs.
bool PlainMatch(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty();
  const bool takes_one =
      !path.empty() && (pattern[0] == path[0] || (pattern[0] == '?' && path[0] != '/'));
  if (pattern[0] != '*') return takes_one && PlainMatch(pattern.substr(1), path.substr(1));
  return PlainMatch(pattern.substr(1), path) ||
         (!path.empty() && path[0] != '/' && PlainMatch(pattern, path.substr(1)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(text.find('\n'), text.size());
  const std::string_view pattern = text.substr(0, cut);
  const std::string_view path = text.substr(std::min(cut + 1, text.size()));
  const bool matches = flotilla::tuf::GlobMatches(pattern, path);
  if (size <= 24 && matches != PlainMatch(pattern, path)) {
    std::abort();
  }
  if (flotilla::tuf::CheckTargetPath(path).ok()) {
    flotilla::tuf::TargetUrlPath(path, "00");
  }
  return 0;
}
