#ifndef FLOTILLA_CONTROLLER_BOOTSTRAP_CA_KEY_H_
#define FLOTILLA_CONTROLLER_BOOTSTRAP_CA_KEY_H_

#include <memory>
#include <string>

#include "base/status.h"
#include "security/signer.h"

namespace flotilla::controller {

// The key of the CA that issues, wherever `spec` says it lies: the OpenKey of a controller that
// runs. The public half of "cmd:PROGRAM" is in PROGRAM.pub. Blocking.
// Errors: as security::ParseSignerSpec and security::OpenSigner.
StatusOr<std::unique_ptr<security::Signer>> OpenCaKey(const std::string& spec);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BOOTSTRAP_CA_KEY_H_
