#include "security/x509/renewal_proof.h"

#include <string_view>

namespace flotilla::security {
namespace {

constexpr std::string_view kRenewal("flotilla-renew-v1\0", 18);
constexpr std::string_view kFactory("flotilla-factory-v1\0", 20);

Bytes Message(std::string_view context, ByteView csr_der) {
  Bytes message = ToBytes(context);
  message.insert(message.end(), csr_der.begin(), csr_der.end());
  return message;
}

}  // namespace

Bytes RenewalMessage(ByteView csr_der) {
  return Message(kRenewal, csr_der);
}

Bytes FactoryMessage(ByteView csr_der) {
  return Message(kFactory, csr_der);
}

}  // namespace flotilla::security
