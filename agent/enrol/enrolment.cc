#include "agent/enrol/enrolment.h"

#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "security/enrolment_token.h"
#include "security/x509/peer.h"
#include "security/x509/renewal_proof.h"
#include "security/x509/server_chain.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxTokenFileBytes = 4096;
constexpr Duration kProbeTimeout = absl::Seconds(30);

std::string Trimmed(const std::string& text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  const std::size_t end = text.find_last_not_of(kSpace);
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

StatusOr<std::string> ReadToken(const std::filesystem::path& path) {
  if (path.empty()) {
    return InvalidArgument("this device is not enrolled: name a token_file");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxTokenFileBytes));
  return Trimmed(ToText(bytes));
}

StatusOr<std::string> PinnedAuthority(const std::string& address, const Digest& pin) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string chain,
                            security::FetchServerChain(address, kProbeTimeout));
  return security::FindPinnedAuthority(chain, pin);
}

}  // namespace

StatusOr<Identity> EnsureEnrolled(const EnrolmentOptions& options, EnrolmentClient& client,
                                  DurableFs& fs, Random& random) {
  StatusOr<Identity> known = LoadIdentity(options.state_dir);
  if (known.ok() || known.status().code() != StatusCode::kNotFound) {
    return known;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, ReadToken(options.token_file));
  FLOTILLA_ASSIGN_OR_RETURN(const security::TokenText token, security::ParseTokenText(text));
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, LoadOrMakeKey(fs, options.state_dir));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes fingerprint,
                            MachineFingerprint(fs, random, options.state_dir));
  Identity identity;
  FLOTILLA_ASSIGN_OR_RETURN(identity.key_pem, key.ToPem());
  FLOTILLA_ASSIGN_OR_RETURN(identity.ca_pem, PinnedAuthority(options.address, token.ca));

  v1::EnrollRequest request;
  request.set_token(text);
  request.set_csr_der(ToText(csr));
  request.set_device_id(options.device_id);
  request.set_machine_fingerprint(ToText(fingerprint));
  *request.mutable_facts() = options.facts;
  FLOTILLA_ASSIGN_OR_RETURN(const v1::EnrollResponse response,
                            client.Enroll(request, identity.ca_pem));
  identity.device_id = response.device_id();
  identity.chain_pem = response.certificate_chain_pem();
  FLOTILLA_RETURN_IF_ERROR(SaveIdentity(fs, options.state_dir, identity));
  LogInfo("enrolment.done", {{"device", identity.device_id}});
  return identity;
}

StatusOr<Identity> RenewIdentity(const std::filesystem::path& state_dir, EnrolmentClient& client,
                                 DurableFs& fs) {
  FLOTILLA_ASSIGN_OR_RETURN(Identity identity, LoadIdentity(state_dir));
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::FromPem(identity.key_pem));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes certificate,
                            security::CertificatePemToDer(identity.chain_pem));
  const Bytes signed_text = security::RenewalMessage(csr);
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes proof, key.Sign(signed_text));
  v1::RenewRequest request;
  request.set_certificate_der(ToText(certificate));
  request.set_csr_der(ToText(csr));
  request.set_proof(ToText(proof));
  FLOTILLA_ASSIGN_OR_RETURN(const v1::RenewResponse response,
                            client.Renew(request, identity.ca_pem));
  identity.chain_pem = response.certificate_chain_pem();
  FLOTILLA_RETURN_IF_ERROR(SaveIdentity(fs, state_dir, identity));
  return identity;
}

}  // namespace flotilla::agent
