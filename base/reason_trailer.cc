#include "base/reason_trailer.h"

#include <charconv>
#include <system_error>

namespace flotilla {

std::string ReasonTrailerValue(const Status& status) {
  const int reason = ReasonNumber(status);
  return reason == 0 ? std::string() : std::to_string(reason);
}

Status WithReasonTrailer(const Status& status, std::string_view value) {
  int reason = 0;
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, reason);
  const bool is_number = parsed.ec == std::errc() && parsed.ptr == end;
  return is_number && reason > 0 ? WithReasonNumber(status, reason) : status;
}

}  // namespace flotilla
