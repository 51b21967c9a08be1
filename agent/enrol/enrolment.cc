#include "agent/enrol/enrolment.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "agent/health/reporting_key.h"
#include "base/file.h"
#include "base/log.h"
#include "security/enrolment_token.h"
#include "security/x509/bundle.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"
#include "security/x509/renewal_proof.h"
#include "security/x509/server_chain.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxTokenFileBytes = 4096;
constexpr std::uint64_t kMaxPemBytes = std::uint64_t{64} * 1024;
constexpr Duration kProbeTimeout = absl::Seconds(30);
constexpr Duration kLeastRetry = absl::Milliseconds(100);
constexpr Duration kMostRetry = absl::Hours(1);

std::string Trimmed(const std::string& text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  const std::size_t end = text.find_last_not_of(kSpace);
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

StatusOr<std::string> ReadText(const std::filesystem::path& path, std::uint64_t limit) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, limit));
  return ToText(bytes);
}

// Empty when the device has none.
StatusOr<std::string> ReadToken(const std::filesystem::path& path) {
  if (path.empty()) {
    return std::string();
  }
  const StatusOr<std::string> text = ReadText(path, kMaxTokenFileBytes);
  if (text.status().code() == StatusCode::kNotFound) {
    return std::string();
  }
  FLOTILLA_RETURN_IF_ERROR(text.status());
  return Trimmed(*text);
}

// The authority that the controller has to hang under.
StatusOr<std::string> KnownAuthority(const EnrolmentOptions& options, const std::string& token) {
  if (!token.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const security::TokenText parsed, security::ParseTokenText(token));
    FLOTILLA_ASSIGN_OR_RETURN(
        const std::string chain,
        security::FetchServerChain(options.address, kProbeTimeout, options.proxy.get()));
    return security::FindPinnedAuthority(chain, parsed.ca);
  }
  StatusOr<std::string> provisioned = ReadText(CaCertificatePath(options.state_dir), kMaxPemBytes);
  if (provisioned.status().code() == StatusCode::kNotFound) {
    return InvalidArgument(
        "this device is not enrolled: name a token_file, or put the controller's CA into " +
        CaCertificatePath(options.state_dir).string() +
        " and let it ask (enrolment_policy of the controller)");
  }
  return provisioned;
}

Status AddFactoryProof(const EnrolmentOptions& options, ByteView csr, v1::EnrollRequest& request) {
  if (options.factory_certificate.empty()) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string chain,
                            ReadText(options.factory_certificate, kMaxPemBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<Bytes> certificates,
                            security::CertificatesPemToDer(chain));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, ReadText(options.factory_key, kMaxPemBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::FromPem(pem));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes proof, key.Sign(security::FactoryMessage(csr)));
  for (const Bytes& certificate : certificates) {
    request.add_factory_chain_der(ToText(certificate));
  }
  request.set_factory_proof(ToText(proof));
  return OkStatus();
}

StatusOr<v1::EnrollRequest> MakeRequest(const EnrolmentOptions& options, const std::string& token,
                                        const IdentityKey& key, ByteView fingerprint) {
  v1::EnrollRequest request;
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
  request.set_token(token);
  request.set_csr_der(ToText(csr));
  request.set_device_id(options.device_id);
  request.set_machine_fingerprint(ToText(fingerprint));
  *request.mutable_facts() = options.facts;
  request.set_serial(options.serial);
  if (token.empty()) {
    FLOTILLA_RETURN_IF_ERROR(AddFactoryProof(options, csr, request));
  }
  return request;
}

// The identity of a golden image or of the card that this one was copied from is not ours.
StatusOr<Identity> OwnIdentity(const EnrolmentOptions& options, const EnrolmentParts& parts,
                               const Bytes& fingerprint) {
  FLOTILLA_ASSIGN_OR_RETURN(Identity known, LoadIdentity(options.state_dir));
  FLOTILLA_ASSIGN_OR_RETURN(const bool own, IsOwnMachine(parts.fs, options.state_dir, fingerprint));
  if (own) {
    return known;
  }
  LogError("identity.of_another_machine",
           {{"device", known.device_id},
            {"text",
             "this state folder was enrolled on another machine; its identity is wiped, "
             "this machine has to enrol by itself"}});
  FLOTILLA_RETURN_IF_ERROR(ForgetReportingKey(parts.fs, options.state_dir));
  FLOTILLA_RETURN_IF_ERROR(WipeIdentity(parts.fs, options.state_dir));
  FLOTILLA_RETURN_IF_ERROR(NoteCopiedFrom(parts.fs, options.state_dir, known.device_id));
  return NotFound("the identity belonged to another machine");
}

Duration RetryAfter(const v1::EnrollResponse& response) {
  const Duration wait = absl::Seconds(response.retry_after().seconds()) +
                        absl::Nanoseconds(response.retry_after().nanos());
  return std::clamp(wait, kLeastRetry, kMostRetry);
}

}  // namespace

StatusOr<Identity> EnsureEnrolled(const EnrolmentOptions& options, const EnrolmentParts& parts,
                                  Duration& retry_after) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes fingerprint,
                            MachineFingerprint(parts.fs, parts.random, options.state_dir));
  StatusOr<Identity> known = OwnIdentity(options, parts, fingerprint);
  if (known.ok() || known.status().code() != StatusCode::kNotFound) {
    return known;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
  Identity identity;
  FLOTILLA_ASSIGN_OR_RETURN(identity.ca_pem, KnownAuthority(options, token));
  FLOTILLA_ASSIGN_OR_RETURN(const auto key, WantedKey(parts.fs, parts.keys, options.state_dir));
  FLOTILLA_ASSIGN_OR_RETURN(identity.key_pem, key->TlsPem());
  FLOTILLA_ASSIGN_OR_RETURN(const v1::EnrollRequest request,
                            MakeRequest(options, token, *key, fingerprint));
  FLOTILLA_ASSIGN_OR_RETURN(const v1::EnrollResponse response,
                            parts.client.Enroll(request, identity.ca_pem));
  if (!response.request_id().empty()) {
    retry_after = RetryAfter(response);
    return WithReason(Unavailable("request " + response.request_id() +
                                  " waits for an operator's approval (fleetctl enroll csr list)"),
                      v1::FAILURE_REASON_CONTROL_WAITING_FOR_APPROVAL);
  }
  identity.device_id = response.device_id();
  identity.chain_pem = response.certificate_chain_pem();
  if (!response.ca_bundle_pem().empty()) {
    FLOTILLA_RETURN_IF_ERROR(security::CertificatesPemToDer(response.ca_bundle_pem()).status());
    identity.ca_pem = response.ca_bundle_pem();
  }
  FLOTILLA_RETURN_IF_ERROR(PrepareToReport(parts.fs, options.state_dir));
  FLOTILLA_RETURN_IF_ERROR(SaveFingerprint(parts.fs, options.state_dir, fingerprint));
  FLOTILLA_RETURN_IF_ERROR(SaveIdentity(parts.fs, options.state_dir, identity));
  LogInfo("enrolment.done", {{"device", identity.device_id}});
  return identity;
}

StatusOr<Identity> RenewIdentity(const std::filesystem::path& state_dir, KeyRotation rotation,
                                 const EnrolmentParts& parts) {
  // A renewed identity that no session used yet is the newer word.
  StatusOr<Identity> newest = LoadNextIdentity(state_dir);
  if (newest.status().code() == StatusCode::kNotFound) {
    newest = LoadIdentity(state_dir);
  }
  FLOTILLA_ASSIGN_OR_RETURN(Identity identity, std::move(newest));
  FLOTILLA_ASSIGN_OR_RETURN(const auto current, parts.keys.FromPem(identity.key_pem));
  std::unique_ptr<IdentityKey> made;
  // The controller may know the key of an answer that was lost: it takes no other then.
  if (rotation == KeyRotation::kNew || HasWantedKey(state_dir)) {
    FLOTILLA_ASSIGN_OR_RETURN(made, WantedKey(parts.fs, parts.keys, state_dir));
  }
  const IdentityKey& wanted = made != nullptr ? *made : *current;
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, wanted.MakeCsrDer());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes certificate,
                            security::CertificatePemToDer(identity.chain_pem));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes proof, current->Sign(security::RenewalMessage(csr)));
  v1::RenewRequest request;
  request.set_certificate_der(ToText(certificate));
  request.set_csr_der(ToText(csr));
  request.set_proof(ToText(proof));
  FLOTILLA_ASSIGN_OR_RETURN(const v1::RenewResponse response,
                            parts.client.Renew(request, identity.ca_pem));
  FLOTILLA_ASSIGN_OR_RETURN(identity.key_pem, wanted.TlsPem());
  identity.chain_pem = response.certificate_chain_pem();
  if (!response.ca_bundle_pem().empty()) {
    FLOTILLA_RETURN_IF_ERROR(security::CertificatesPemToDer(response.ca_bundle_pem()).status());
    identity.ca_pem = response.ca_bundle_pem();
  }
  FLOTILLA_RETURN_IF_ERROR(SaveNextIdentity(parts.fs, state_dir, identity));
  return identity;
}

}  // namespace flotilla::agent
