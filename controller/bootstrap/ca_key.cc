#include "controller/bootstrap/ca_key.h"

#include "security/signer_source.h"

namespace flotilla::controller {

StatusOr<std::unique_ptr<security::Signer>> OpenCaKey(const std::string& spec) {
  FLOTILLA_ASSIGN_OR_RETURN(security::SignerSpec parsed, security::ParseSignerSpec(spec));
  if (parsed.kind == security::SignerKind::kCommand) {
    parsed.public_key = parsed.location + ".pub";
  }
  return security::OpenSigner(parsed);
}

}  // namespace flotilla::controller
