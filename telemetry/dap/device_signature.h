// The private report extension of the helper's share (draft-ietf-ppm-dap-18 section 4.4.3): which
// registered device this report is from, and its signature. With it the helper counts distinct
// devices without believing the leader, who cannot make one, and who cannot read it.
//
//   uint16 extension_type = 0xff50;
//   uint16 length = 96;
//   opaque key_id[32];
//   opaque signature[64];        Ed25519 over SHA-256(SHA-256(kReportingKeyTag) || message),
//                                message = SHA-256(InputShareAad) || SHA-256(helper's payload)
//
// The associated data has the public share, which binds both input shares, so that an extension
// fits one report of one task alone. Ed25519 only: a signature of variable length would make
// reports of variable length.
#ifndef FLOTILLA_TELEMETRY_DAP_DEVICE_SIGNATURE_H_
#define FLOTILLA_TELEMETRY_DAP_DEVICE_SIGNATURE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/status.h"
#include "security/public_key.h"
#include "security/signer.h"
#include "telemetry/dap/domain.h"

namespace flotilla::dap {

inline constexpr std::uint16_t kReportingKeyExtension = 0xff50;
inline constexpr std::size_t kSignatureBytes = 64;
inline constexpr std::size_t kDeviceSignatureBytes = 2 + 2 + Digest::kSize + kSignatureBytes;

struct DeviceSignature {
  KeyId key;
  std::array<std::uint8_t, kSignatureBytes> signature{};

  // `bytes` is the list of private extensions: this one and no other. INVALID_ARGUMENT.
  static StatusOr<DeviceSignature> Decode(ByteView bytes);
  // kDeviceSignatureBytes.
  Bytes Encode() const;
};

KeyId KeyIdOf(const security::PublicKey& key);

// Signs for a report. INVALID_ARGUMENT: no Ed25519 key; INTERNAL: its signature has another size;
// else as of Signer::Sign.
StatusOr<DeviceSignature> SignReport(security::Signer& reporting_key, ByteView input_share_aad,
                                     ByteView helper_payload);
// PERMISSION_DENIED: `extension` is not `key`'s for this report.
Status VerifyReport(const security::PublicKey& key, const DeviceSignature& extension,
                    ByteView input_share_aad, ByteView helper_payload);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_DEVICE_SIGNATURE_H_
