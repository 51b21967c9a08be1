// Patterns of delegations against target paths; the input is "PATTERN\nPATH".
#include <cstddef>
#include <cstdint>

#include <algorithm>
#include <string_view>

#include "security/tuf/delegation.h"
#include "security/tuf/target_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(text.find('\n'), text.size());
  const std::string_view path = text.substr(std::min(cut + 1, text.size()));
  flotilla::tuf::GlobMatches(text.substr(0, cut), path);
  if (flotilla::tuf::CheckTargetPath(path).ok()) {
    flotilla::tuf::TargetUrlPath(path, "00");
  }
  return 0;
}
