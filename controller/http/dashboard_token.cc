#include "controller/http/dashboard_token.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "absl/time/time.h"

namespace flotilla::http {

DashboardTokens::DashboardTokens(Bytes key) : key_(std::move(key)) {}

std::string DashboardTokens::MacOf(const std::string& text) const {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  const ByteView bytes = AsBytes(text);
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes.data(), bytes.size(),
       mac.data(), &length);
  return Base64UrlEncode(ByteView(mac.data(), length));
}

std::string DashboardTokens::Make(const std::string& operator_name, Time expires_at) const {
  const std::string text = std::to_string(absl::ToUnixSeconds(expires_at)) + "." +
                           Base64UrlEncode(AsBytes(operator_name));
  return text + "." + MacOf(text);
}

StatusOr<std::string> DashboardTokens::Check(const std::string& token, Time now) const {
  const Status refused =
      Unauthenticated("the dashboard token is not valid: make a new one with fleetctl dashboard");
  const std::size_t mac_from = token.rfind('.');
  const std::size_t name_from = token.find('.');
  if (mac_from == std::string::npos || name_from == mac_from) {
    return refused;
  }
  const std::string text = token.substr(0, mac_from);
  const std::string mac = MacOf(text);
  const std::string_view shown = std::string_view(token).substr(mac_from + 1);
  if (shown.size() != mac.size() || CRYPTO_memcmp(shown.data(), mac.data(), mac.size()) != 0) {
    return refused;
  }
  std::int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + name_from, seconds);
  if (absl::FromUnixSeconds(seconds) <= now) {
    return refused;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes name,
                            Base64UrlDecode(std::string_view(text).substr(name_from + 1)));
  return ToText(name);
}

}  // namespace flotilla::http
