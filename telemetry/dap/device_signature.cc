#include "telemetry/dap/device_signature.h"

#include <algorithm>
#include <utility>

#include "security/sha256.h"
#include "telemetry/dap/tls.h"

namespace flotilla::dap {
namespace {

Digest SignedDigest(ByteView input_share_aad, ByteView helper_payload) {
  TlsWriter message;
  message.Raw(security::Sha256(input_share_aad).bytes());
  message.Raw(security::Sha256(helper_payload).bytes());
  return TaggedDigest(kReportingKeyTag, std::move(message).Take());
}

}  // namespace

StatusOr<DeviceSignature> DeviceSignature::Decode(ByteView bytes) {
  TlsReader list(bytes);
  if (list.U16() != kReportingKeyExtension) list.Fail();
  TlsReader data(list.Opaque16());
  FLOTILLA_RETURN_IF_ERROR(list.Finish("the helper's extensions"));
  DeviceSignature extension;
  extension.key = KeyId(data.Array<Digest::kSize>());
  extension.signature = data.Array<kSignatureBytes>();
  FLOTILLA_RETURN_IF_ERROR(data.Finish("a reporting key's signature"));
  return extension;
}

Bytes DeviceSignature::Encode() const {
  TlsWriter out;
  out.U16(kReportingKeyExtension);
  out.U16(kDeviceSignatureBytes - 4);
  out.Raw(key.bytes());
  out.Raw(signature);
  return std::move(out).Take();
}

KeyId KeyIdOf(const security::PublicKey& key) {
  return security::Sha256(key.spki_der());
}

StatusOr<DeviceSignature> SignReport(security::Signer& reporting_key, ByteView input_share_aad,
                                     ByteView helper_payload) {
  if (reporting_key.public_key().kind() != security::KeyKind::kEd25519) {
    return InvalidArgument("a reporting key is an Ed25519 key");
  }
  DeviceSignature extension;
  extension.key = KeyIdOf(reporting_key.public_key());
  FLOTILLA_ASSIGN_OR_RETURN(
      const Bytes signature,
      reporting_key.Sign(SignedDigest(input_share_aad, helper_payload).bytes()));
  if (signature.size() != kSignatureBytes) {
    return Internal("an Ed25519 signature that has not 64 bytes");
  }
  std::copy(signature.begin(), signature.end(), extension.signature.begin());
  return extension;
}

Status VerifyReport(const security::PublicKey& key, const DeviceSignature& extension,
                    ByteView input_share_aad, ByteView helper_payload) {
  if (key.kind() != security::KeyKind::kEd25519 || KeyIdOf(key) != extension.key) {
    return PermissionDenied("the report names another key");
  }
  return key.Verify(SignedDigest(input_share_aad, helper_payload).bytes(), extension.signature);
}

}  // namespace flotilla::dap
