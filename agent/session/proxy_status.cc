#include "agent/session/proxy_status.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace flotilla::agent {
namespace {

constexpr char kAnswered[] = "HTTP proxy returned response code ";
// With a proxy there is no other host to look up or to connect to.
constexpr std::array<const char*, 3> kAway = {
    "DNS resolution failed", "Failed to connect to remote host", "Connection refused"};

}  // namespace

Status ExplainProxy(const Status& status, const security::HttpProxy* proxy,
                    const std::string& target) {
  if (proxy == nullptr || status.code() != StatusCode::kUnavailable || ReasonNumber(status) != 0) {
    return status;
  }
  const std::string text = MessageOf(status);
  if (const std::size_t at = text.find(kAnswered); at != std::string::npos) {
    int answered = 0;
    const char* const number = text.data() + at + sizeof kAnswered - 1;
    if (std::from_chars(number, text.data() + text.size(), answered).ec == std::errc()) {
      return proxy->Refused(answered, target);
    }
  }
  const bool away = std::any_of(kAway.begin(), kAway.end(), [&text](const char* sign) {
    return text.find(sign) != std::string::npos;
  });
  return away ? proxy->Away(text)
              : Unavailable(absl::StrCat(text, " (through the proxy ", proxy->address(), ")"));
}

}  // namespace flotilla::agent
