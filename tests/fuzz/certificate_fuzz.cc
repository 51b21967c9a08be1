// Certificates of peers, DER and PEM, before anything about them is trusted.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "security/x509/authority.h"
#include "security/x509/peer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::ByteView bytes(data, size);
  const auto pem = flotilla::security::CertificateDerToPem(bytes);
  const std::string_view text = pem.ok() ? std::string_view(*pem) : flotilla::AsText(bytes);
  const flotilla::Time now = absl::FromUnixSeconds(1'767'225'600);
  flotilla::security::CheckPeer(text, text, now).status().IgnoreError();
  flotilla::security::FindPinnedAuthority(text, flotilla::Digest()).status().IgnoreError();
  return 0;
}
