// Public keys that shares are sealed for (HpkeConfig, HpkeConfigList: draft-ietf-ppm-dap-18 section
// 4.4.1), and the signed form in which they reach a device: the aggregator's identity key, which
// the owner of the device has pinned, signs the list and its life. Whoever carries it, the
// controller among them, cannot exchange a key.
//
//   opaque configs<10..2^16-1>;  HpkeConfigList's content
//   uint8  role;                 2 leader, 3 helper
//   uint64 issued, expires;      seconds since 1970; valid in [issued, expires)
//   opaque signature<1..2^16-1>; over TaggedDigest(kHpkeConfigsTag, all that stands before it)
#ifndef FLOTILLA_TELEMETRY_DAP_HPKE_CONFIG_H_
#define FLOTILLA_TELEMETRY_DAP_HPKE_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "security/hpke.h"
#include "security/public_key.h"
#include "security/signer.h"
#include "telemetry/dap/domain.h"

namespace flotilla::dap {

struct HpkeConfig {
  std::uint8_t id = 0;
  std::uint16_t kem = security::kHpkeKemX25519HkdfSha256;
  std::uint16_t kdf = security::kHpkeKdfHkdfSha256;
  std::uint16_t aead = security::kHpkeAeadAes128Gcm;
  Bytes public_key;  // 1 to 2^16-1 bytes

  friend bool operator==(const HpkeConfig&, const HpkeConfig&) = default;
};

// The private halves, by the id of their configuration.
using HpkeKeyring = std::map<std::uint8_t, security::HpkeKeyPair>;

struct HpkeConfigList {
  std::vector<HpkeConfig> configs;  // in decreasing order of preference, ids distinct

  // `bytes` without a length in front. INVALID_ARGUMENT: malformed, empty, or an id twice.
  static StatusOr<HpkeConfigList> Decode(ByteView bytes);
  Bytes Encode() const;
  // The first of the suite of this project with a key of its size. NOT_FOUND: none.
  StatusOr<HpkeConfig> Choose() const;
};

inline constexpr Duration kMaxHpkeConfigLife = absl::Hours(24 * 90);

struct SignedHpkeConfigs {
  HpkeConfigList list;
  Role role = Role::kHelper;
  std::uint64_t issued = 0;
  std::uint64_t expires = 0;
  Bytes signature;

  // INVALID_ARGUMENT: malformed. Says nothing about the signature.
  static StatusOr<SignedHpkeConfigs> Decode(ByteView bytes);
  Bytes Encode() const;
};

// INVALID_ARGUMENT: `life` is not positive or longer than kMaxHpkeConfigLife, `now` lies before
// 1970, or the list is empty. Else as of Signer::Sign.
StatusOr<SignedHpkeConfigs> SignHpkeConfigs(const HpkeConfigList& list, Role role, Time now,
                                            Duration life, security::Signer& identity);

// The configuration to seal for. PERMISSION_DENIED: not `identity`'s signature, or for another
// role; FAILED_PRECONDITION: expired, not valid yet, or for longer than kMaxHpkeConfigLife;
// NOT_FOUND: no configuration of our suite.
StatusOr<HpkeConfig> VerifyHpkeConfigs(const SignedHpkeConfigs& configs, Role role,
                                       const security::PublicKey& identity, Time now);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_HPKE_CONFIG_H_
