#include "controller/http/dashboard_token.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace flotilla::http {
namespace {

// End, name, role, serial, mac.
constexpr std::size_t kParts = 5;

}  // namespace

DashboardTokens::DashboardTokens(Bytes key) : key_(std::move(key)) {}

std::string DashboardTokens::MacOf(const std::string& text) const {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  const ByteView bytes = AsBytes(text);
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes.data(), bytes.size(),
       mac.data(), &length);
  return Base64UrlEncode(ByteView(mac.data(), length));
}

std::string DashboardTokens::Make(const security::PeerIdentity& maker, Time expires_at) const {
  const Time end = std::min(expires_at, maker.not_after);
  const std::string text = std::to_string(absl::ToUnixSeconds(end)) + "." +
                           Base64UrlEncode(AsBytes(maker.name)) + "." +
                           security::OperatorRoleName(maker.role) + "." + maker.serial_hex;
  return text + "." + MacOf(text);
}

StatusOr<security::PeerIdentity> DashboardTokens::Check(const std::string& token, Time now) const {
  const Status refused =
      Unauthenticated("the dashboard token is not valid: make a new one with fleetctl dashboard");
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  if (parts.size() != kParts) {
    return refused;
  }
  const std::string mac = MacOf(token.substr(0, token.rfind('.')));
  const std::string& shown = parts.back();
  if (shown.size() != mac.size() || CRYPTO_memcmp(shown.data(), mac.data(), mac.size()) != 0) {
    return refused;
  }
  std::int64_t seconds = 0;
  std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), seconds);
  security::PeerIdentity maker;
  maker.kind = security::PeerKind::kOperator;
  maker.not_after = absl::FromUnixSeconds(seconds);
  maker.serial_hex = parts[3];
  if (maker.not_after <= now) {
    return refused;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes name, Base64UrlDecode(parts[1]));
  maker.name = ToText(name);
  FLOTILLA_ASSIGN_OR_RETURN(maker.role, security::ParseOperatorRole(parts[2]));
  return maker;
}

}  // namespace flotilla::http
