#ifndef FLOTILLA_SECURITY_X509_RENEWAL_PROOF_H_
#define FLOTILLA_SECURITY_X509_RENEWAL_PROOF_H_

#include "base/bytes.h"

namespace flotilla::security {

// "flotilla-renew-v1" || 0 || csr_der: what RenewRequest.proof signs, by the device's current key.
Bytes RenewalMessage(ByteView csr_der);

// "flotilla-factory-v1" || 0 || csr_der: what EnrollRequest.factory_proof signs, by the key of the
// manufacturer's certificate.
Bytes FactoryMessage(ByteView csr_der);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_RENEWAL_PROOF_H_
