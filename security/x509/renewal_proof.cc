#include "security/x509/renewal_proof.h"

#include <string_view>

namespace flotilla::security {

Bytes RenewalMessage(ByteView csr_der) {
  constexpr std::string_view kContext("flotilla-renew-v1\0", 18);
  Bytes message = ToBytes(kContext);
  message.insert(message.end(), csr_der.begin(), csr_der.end());
  return message;
}

}  // namespace flotilla::security
