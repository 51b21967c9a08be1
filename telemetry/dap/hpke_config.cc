#include "telemetry/dap/hpke_config.h"

#include <cstdint>
#include <set>
#include <utility>

#include "telemetry/dap/tls.h"

namespace flotilla::dap {
namespace {

constexpr std::size_t kLeastList = 10;

bool IsOurs(const HpkeConfig& config) {
  return config.kem == security::kHpkeKemX25519HkdfSha256 &&
         config.kdf == security::kHpkeKdfHkdfSha256 &&
         config.aead == security::kHpkeAeadAes128Gcm &&
         config.public_key.size() == security::kX25519KeyBytes;
}

void WriteSignedPart(const SignedHpkeConfigs& configs, TlsWriter& out) {
  out.Opaque16(configs.list.Encode());
  out.U8(static_cast<std::uint8_t>(configs.role));
  out.U64(configs.issued);
  out.U64(configs.expires);
}

Digest SignedDigest(const SignedHpkeConfigs& configs) {
  TlsWriter out;
  WriteSignedPart(configs, out);
  return TaggedDigest(kHpkeConfigsTag, std::move(out).Take());
}

bool IsAggregator(Role role) {
  return role == Role::kLeader || role == Role::kHelper;
}

std::uint64_t Seconds(Duration duration) {
  return static_cast<std::uint64_t>(absl::ToInt64Seconds(duration));
}

}  // namespace

StatusOr<HpkeConfigList> HpkeConfigList::Decode(ByteView bytes) {
  HpkeConfigList list;
  std::set<std::uint8_t> ids;
  TlsReader in(bytes);
  while (!in.AtEnd()) {
    HpkeConfig config;
    config.id = in.U8();
    config.kem = in.U16();
    config.kdf = in.U16();
    config.aead = in.U16();
    config.public_key = Copy(in.Opaque16(1));
    if (!ids.insert(config.id).second) in.Fail();
    list.configs.push_back(std::move(config));
  }
  if (list.configs.empty()) in.Fail();
  FLOTILLA_RETURN_IF_ERROR(in.Finish("a list of HPKE configurations"));
  return list;
}

Bytes HpkeConfigList::Encode() const {
  TlsWriter out;
  for (const HpkeConfig& config : configs) {
    out.U8(config.id);
    out.U16(config.kem);
    out.U16(config.kdf);
    out.U16(config.aead);
    out.Opaque16(config.public_key);
  }
  return std::move(out).Take();
}

StatusOr<HpkeConfig> HpkeConfigList::Choose() const {
  for (const HpkeConfig& config : configs) {
    if (IsOurs(config)) return config;
  }
  return NotFound("no HPKE configuration of X25519, HKDF-SHA256 and AES-128-GCM");
}

StatusOr<SignedHpkeConfigs> SignedHpkeConfigs::Decode(ByteView bytes) {
  SignedHpkeConfigs configs;
  TlsReader in(bytes);
  const ByteView list = in.Opaque16(kLeastList);
  configs.role = static_cast<Role>(in.U8());
  configs.issued = in.U64();
  configs.expires = in.U64();
  configs.signature = Copy(in.Opaque16(1));
  if (!IsAggregator(configs.role)) in.Fail();
  FLOTILLA_RETURN_IF_ERROR(in.Finish("signed HPKE configurations"));
  FLOTILLA_ASSIGN_OR_RETURN(configs.list, HpkeConfigList::Decode(list));
  return configs;
}

Bytes SignedHpkeConfigs::Encode() const {
  TlsWriter out;
  WriteSignedPart(*this, out);
  out.Opaque16(signature);
  return std::move(out).Take();
}

StatusOr<SignedHpkeConfigs> SignHpkeConfigs(const HpkeConfigList& list, Role role, Time now,
                                            Duration life, security::Signer& identity) {
  const std::int64_t issued = absl::ToUnixSeconds(now);
  if (list.configs.empty() || !IsAggregator(role) || issued < 0 || life < absl::Seconds(1) ||
      life > kMaxHpkeConfigLife) {
    return InvalidArgument("HPKE configurations: no key, no aggregator, or a life out of range");
  }
  SignedHpkeConfigs configs;
  configs.list = list;
  configs.role = role;
  configs.issued = static_cast<std::uint64_t>(issued);
  configs.expires = configs.issued + Seconds(life);
  FLOTILLA_ASSIGN_OR_RETURN(configs.signature, identity.Sign(SignedDigest(configs).bytes()));
  return configs;
}

StatusOr<HpkeConfig> VerifyHpkeConfigs(const SignedHpkeConfigs& configs, Role role,
                                       const security::PublicKey& identity, Time now) {
  FLOTILLA_RETURN_IF_ERROR(identity.Verify(SignedDigest(configs).bytes(), configs.signature));
  if (configs.role != role) return PermissionDenied("HPKE configurations of another role");
  const std::int64_t at = absl::ToUnixSeconds(now);
  if (configs.expires < configs.issued ||
      configs.expires - configs.issued > Seconds(kMaxHpkeConfigLife)) {
    return FailedPrecondition("HPKE configurations that live too long");
  }
  if (at < 0 || static_cast<std::uint64_t>(at) < configs.issued ||
      static_cast<std::uint64_t>(at) >= configs.expires) {
    return FailedPrecondition("HPKE configurations that are expired or not valid yet");
  }
  return configs.list.Choose();
}

}  // namespace flotilla::dap
