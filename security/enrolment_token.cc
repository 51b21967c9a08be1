#include "security/enrolment_token.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

#include <openssl/crypto.h>

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kPrefix = "flt1.";
constexpr std::size_t kMaxTokenBytes = 512;

bool IsPartCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

bool IsPart(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most &&
         std::all_of(text.begin(), text.end(), IsPartCharacter);
}

}  // namespace

std::string FormatTokenText(const TokenText& token) {
  return std::string(kPrefix) + token.id + "." + token.secret + "." + token.ca.ToHex();
}

StatusOr<TokenText> ParseTokenText(std::string_view text) {
  const Status bad = InvalidArgument("not an enrolment token (flt1.<id>.<secret>.<ca-sha256>)");
  if (text.size() > kMaxTokenBytes || !text.starts_with(kPrefix)) {
    return bad;
  }
  text.remove_prefix(kPrefix.size());
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) {
    return bad;
  }
  const std::string_view id = text.substr(0, first);
  const std::string_view secret = text.substr(first + 1, second - first - 1);
  const StatusOr<Digest> ca = Digest::FromHex(text.substr(second + 1));
  if (!IsPart(id, 1, 64) || !IsPart(secret, 16, 128) || !ca.ok()) {
    return bad;
  }
  return TokenText{std::string(id), std::string(secret), *ca};
}

Digest HashTokenSecret(std::string_view secret) {
  return Sha256(AsBytes(secret));
}

bool TokenSecretMatches(std::string_view secret, const Digest& hash) {
  const Digest given = HashTokenSecret(secret);
  return CRYPTO_memcmp(given.bytes().data(), hash.bytes().data(), Digest::kSize) == 0;
}

}  // namespace flotilla::security
