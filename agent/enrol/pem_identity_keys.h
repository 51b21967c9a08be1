#ifndef FLOTILLA_AGENT_ENROL_PEM_IDENTITY_KEYS_H_
#define FLOTILLA_AGENT_ENROL_PEM_IDENTITY_KEYS_H_

#include <functional>
#include <memory>
#include <string>

#include "agent/enrol/identity_key.h"

namespace flotilla::agent {

// IdentityKeys as PEM texts that security::EcKey reads: PKCS#8, not encrypted, for devices without
// a TPM, and "TSS2 PRIVATE KEY" while the TPM is open (device_key.h).
class PemIdentityKeys final : public IdentityKeys {
 public:
  // The PEM of a new key.
  using MakePem = std::function<StatusOr<std::string>()>;

  // Keys in memory.
  PemIdentityKeys();
  explicit PemIdentityKeys(MakePem make_pem);

  StatusOr<std::unique_ptr<IdentityKey>> Make() override;
  StatusOr<std::unique_ptr<IdentityKey>> FromPem(const std::string& pem) override;

 private:
  const MakePem make_pem_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_PEM_IDENTITY_KEYS_H_
