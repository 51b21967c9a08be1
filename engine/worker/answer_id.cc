#include "engine/worker/answer_id.h"

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::engine {
namespace {

constexpr std::string_view kChatPrefix = "chatcmpl-";
constexpr std::string_view kCompletionPrefix = "cmpl-";
constexpr std::size_t kTagDigits = 8;
constexpr std::size_t kRandomBytes = 12;
constexpr std::size_t kDigits = kTagDigits + 2 * kRandomBytes;

std::string_view PrefixOf(ApiKind kind) {
  return kind == ApiKind::kChat ? kChatPrefix : kCompletionPrefix;
}

}  // namespace

std::string LineTag(std::string_view line) {
  return security::Sha256(AsBytes(line)).ToHex().substr(0, kTagDigits);
}

std::string MakeAnswerId(ApiKind kind, std::string_view line, Random& random) {
  std::array<std::uint8_t, kRandomBytes> bytes{};
  random.Fill(bytes);
  return std::string(PrefixOf(kind)) + LineTag(line) + HexEncode(bytes);
}

std::string_view TagOf(std::string_view id) {
  for (const std::string_view prefix : {kChatPrefix, kCompletionPrefix}) {
    if (id.starts_with(prefix) && id.size() == prefix.size() + kDigits) {
      return id.substr(prefix.size(), kTagDigits);
    }
  }
  return {};
}

}  // namespace flotilla::engine
