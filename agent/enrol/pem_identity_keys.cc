#include "agent/enrol/pem_identity_keys.h"

#include <utility>

#include "security/x509/ec_key.h"

namespace flotilla::agent {
namespace {

class PemIdentityKey final : public IdentityKey {
 public:
  explicit PemIdentityKey(security::EcKey key) : key_(std::move(key)) {}

  Bytes PublicSpkiDer() const override { return key_.PublicSpkiDer(); }
  StatusOr<Bytes> MakeCsrDer() const override { return key_.MakeCsrDer(); }
  StatusOr<Bytes> Sign(ByteView message) const override { return key_.Sign(message); }
  StatusOr<std::string> TlsPem() const override { return key_.ToPem(); }

 private:
  security::EcKey key_;
};

StatusOr<std::string> NewPem() {
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::Generate());
  return key.ToPem();
}

}  // namespace

PemIdentityKeys::PemIdentityKeys() : PemIdentityKeys(NewPem) {}

PemIdentityKeys::PemIdentityKeys(MakePem make_pem) : make_pem_(std::move(make_pem)) {}

StatusOr<std::unique_ptr<IdentityKey>> PemIdentityKeys::Make() {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, make_pem_());
  return FromPem(pem);
}

StatusOr<std::unique_ptr<IdentityKey>> PemIdentityKeys::FromPem(const std::string& pem) {
  FLOTILLA_ASSIGN_OR_RETURN(security::EcKey key, security::EcKey::FromPem(pem));
  return std::unique_ptr<IdentityKey>(std::make_unique<PemIdentityKey>(std::move(key)));
}

}  // namespace flotilla::agent
