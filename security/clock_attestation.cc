#include "security/clock_attestation.h"

#include <cstdint>
#include <string_view>

namespace flotilla::security {
namespace {

constexpr std::string_view kDomain = "flotilla-clock-v1";
constexpr int kByteBits = 8;
constexpr int kTimeBits = 64;

}  // namespace

Bytes ClockMessage(ByteView nonce, Time at) {
  Bytes message = ToBytes(kDomain);
  message.push_back(0);
  message.insert(message.end(), nonce.begin(), nonce.end());
  const auto seconds = static_cast<std::uint64_t>(absl::ToUnixSeconds(at));
  for (int shift = kTimeBits - kByteBits; shift >= 0; shift -= kByteBits) {
    message.push_back(static_cast<std::uint8_t>(seconds >> static_cast<unsigned>(shift)));
  }
  return message;
}

Status VerifyClock(const PublicKey& key, ByteView nonce, Time at, ByteView signature) {
  if (nonce.size() != kClockNonceBytes) {
    return PermissionDenied("a clock attestation covers a nonce of 32 bytes");
  }
  return key.Verify(ClockMessage(nonce, at), signature);
}

}  // namespace flotilla::security
