#include "security/x509/renewal_proof.h"

#include <string_view>

namespace flotilla::security {
namespace {

constexpr std::string_view kContext("flotilla-renew-v1\0", 18);

}  // namespace

Bytes RenewalMessage(ByteView csr_der) {
  Bytes message = ToBytes(kContext);
  message.insert(message.end(), csr_der.begin(), csr_der.end());
  return message;
}

}  // namespace flotilla::security
