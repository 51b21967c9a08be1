#include "base/strong_id.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace flotilla {
namespace {

constexpr std::size_t kMaxIdLength = 128;

bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

Status CheckIdText(std::string_view text, std::string_view what) {
  const bool well_formed = !text.empty() && text.size() <= kMaxIdLength && text.front() != '.' &&
                           text.front() != '-' &&
                           std::all_of(text.begin(), text.end(), IsIdCharacter);
  if (well_formed) {
    return OkStatus();
  }
  return InvalidArgument("'" + std::string(text.substr(0, kMaxIdLength)) + "' is no " +
                         std::string(what) +
                         ": use 1 to 128 of A-Z a-z 0-9 . _ - and start with a letter, digit or _");
}

}  // namespace flotilla
