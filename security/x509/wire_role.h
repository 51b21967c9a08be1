#ifndef FLOTILLA_SECURITY_X509_WIRE_ROLE_H_
#define FLOTILLA_SECURITY_X509_WIRE_ROLE_H_

#include "flotilla/v1/admin.pb.h"

#include "security/x509/operator_role.h"

namespace flotilla::security {

// The role as messages carry it, and back; UNSPECIFIED and kUnspecified for what is none.
v1::OperatorRole ToWire(OperatorRole role);
OperatorRole FromWire(v1::OperatorRole role);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_WIRE_ROLE_H_
