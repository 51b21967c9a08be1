#include "security/x509/peer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/pem.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/strong_id.h"
#include "security/openssl_ptr.h"
#include "security/sha256.h"
#include "security/x509/certificate.h"
#include "security/x509/peer_check.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kDevicePrefix = "flotilla:device:";
constexpr std::string_view kOperatorPrefix = "flotilla:operator:";
constexpr std::string_view kReplicaPrefix = "flotilla:replica:";
constexpr int kMaxChainCertificates = 8;

Status Refused(const std::string& why) {
  static_cast<void>(OpenSslErrors());
  return WithReason(Unauthenticated("certificate refused: " + why), v1::FAILURE_REASON_FETCH_TLS);
}

std::string TextOf(const ASN1_STRING* string) {
  const unsigned char* const data = ASN1_STRING_get0_data(string);
  return std::string(data, data + ASN1_STRING_length(string));
}

struct Names {
  std::vector<std::string> uris;
  std::vector<std::string> dns;
  int addresses = 0;
  int others = 0;
};

Names NamesOf(const X509* leaf) {
  Names names;
  const GeneralNamesPtr stack(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr)));
  const int count = stack == nullptr ? 0 : sk_GENERAL_NAME_num(stack.get());
  for (int i = 0; i < count; ++i) {
    int type = 0;
    const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(stack.get(), i), &type);
    if (type == GEN_URI) {
      names.uris.push_back(TextOf(static_cast<const ASN1_STRING*>(value)));
    } else if (type == GEN_DNS) {
      names.dns.push_back(TextOf(static_cast<const ASN1_STRING*>(value)));
    } else if (type == GEN_IPADD) {
      ++names.addresses;
    } else {
      ++names.others;
    }
  }
  return names;
}

// The URI after the identity, which only operators have.
Status TakeRole(const std::vector<std::string>& uris, PeerIdentity& peer) {
  if (uris.size() == 1) {
    peer.role =
        peer.kind == PeerKind::kOperator ? OperatorRole::kAdmin : OperatorRole::kUnspecified;
    return OkStatus();
  }
  const std::string_view uri = uris.back();
  if (peer.kind != PeerKind::kOperator || !uri.starts_with(kRoleUriPrefix)) {
    return Refused("it does not name one device, operator or server");
  }
  const auto role = ParseOperatorRole(uri.substr(kRoleUriPrefix.size()));
  if (!role.ok()) {
    return Refused(MessageOf(role.status()));
  }
  peer.role = *role;
  return OkStatus();
}

// Fills kind, name and role from the alternative names: one identity, or host names only.
Status Identify(const X509* leaf, PeerIdentity& peer) {
  const Names names = NamesOf(leaf);
  const std::size_t hosts = names.dns.size() + static_cast<std::size_t>(names.addresses);
  if (names.others != 0 || names.uris.size() > 2 || names.uris.empty() == (hosts == 0)) {
    return Refused("it does not name one device, operator or server");
  }
  if (hosts > 0) {
    peer.kind = PeerKind::kServer;
    peer.name = names.dns.empty() ? "" : names.dns.front();
    return OkStatus();
  }
  const std::string_view uri = names.uris.front();
  if (uri.starts_with(kDevicePrefix)) {
    peer.kind = PeerKind::kDevice;
    peer.name = uri.substr(kDevicePrefix.size());
  } else if (uri.starts_with(kOperatorPrefix)) {
    peer.kind = PeerKind::kOperator;
    peer.name = uri.substr(kOperatorPrefix.size());
  } else if (uri.starts_with(kReplicaPrefix)) {
    peer.kind = PeerKind::kReplica;
    peer.name = uri.substr(kReplicaPrefix.size());
  }
  FLOTILLA_RETURN_IF_ERROR(TakeRole(names.uris, peer));
  return CheckIdText(peer.name, "name").ok() ? OkStatus() : Refused("its name is not one of ours");
}

Status CheckUse(X509* leaf, PeerKind kind) {
  const std::uint32_t wanted = kind == PeerKind::kServer ? XKU_SSL_SERVER : XKU_SSL_CLIENT;
  if (X509_get_extended_key_usage(leaf) != wanted) {
    return Refused("its key use does not fit its name");
  }
  return X509_check_ca(leaf) == 0 ? OkStatus() : Refused("it is an authority, not a leaf");
}

Status CheckChain(X509* leaf, const std::vector<X509Ptr>& authorities, PeerKind kind, Time at) {
  const X509StorePtr store(X509_STORE_new());
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr) {
    return Internal("certificate check: " + OpenSslErrors());
  }
  for (const X509Ptr& authority : authorities) {
    if (X509_STORE_add_cert(store.get(), authority.get()) != 1) {
      return Internal("certificate check: " + OpenSslErrors());
    }
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr) != 1) {
    return Internal("certificate check: " + OpenSslErrors());
  }
  X509_VERIFY_PARAM* const wanted = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(wanted, absl::ToTimeT(at));
  X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_purpose(
      wanted, kind == PeerKind::kServer ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
  if (X509_verify_cert(context.get()) != 1) {
    return Refused(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())) +
                   std::string(" at ") + UtcText(at));
  }
  return OkStatus();
}

StatusOr<X509Ptr> ReadPeer(std::string_view pem) {
  auto certificate = ReadCertificatePem(pem);
  if (!certificate.ok()) {
    return Refused(MessageOf(certificate.status()));
  }
  return certificate;
}

StatusOr<PeerIdentity> Describe(X509* leaf) {
  PeerIdentity peer;
  FLOTILLA_RETURN_IF_ERROR(Identify(leaf, peer));
  FLOTILLA_ASSIGN_OR_RETURN(peer.serial_hex, SerialHexOf(leaf));
  FLOTILLA_ASSIGN_OR_RETURN(peer.not_before, TimeOf(X509_get0_notBefore(leaf)));
  FLOTILLA_ASSIGN_OR_RETURN(peer.not_after, TimeOf(X509_get0_notAfter(leaf)));
  FLOTILLA_ASSIGN_OR_RETURN(peer.spki_der, P256SpkiDer(X509_get0_pubkey(leaf)));
  peer.spki = Sha256(peer.spki_der);
  return peer;
}

bool NamesHost(X509* leaf, const std::string& host) {
  ASN1_OCTET_STRING* const address = a2i_IPADDRESS(host.c_str());
  if (address != nullptr) {
    ASN1_OCTET_STRING_free(address);
    return X509_check_ip_asc(leaf, host.c_str(), 0) == 1;
  }
  const unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  return X509_check_host(leaf, host.data(), host.size(), flags, nullptr) == 1;
}

}  // namespace

StatusOr<PeerIdentity> CheckPeerUnder(const std::vector<X509Ptr>& authorities,
                                      std::string_view leaf_pem, Time now, EndCheck end) {
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr leaf, ReadPeer(leaf_pem));
  auto described = Describe(leaf.get());
  if (!described.ok()) {
    return Refused(MessageOf(described.status()));
  }
  PeerIdentity peer = std::move(described).value();
  FLOTILLA_RETURN_IF_ERROR(CheckUse(leaf.get(), peer.kind));
  const Time last = peer.not_after - absl::Seconds(1);  // OpenSSL takes notAfter itself as expired
  const Time at = end == EndCheck::kForgiven ? std::min(now, last) : now;
  if (at > last) {
    return WithReason(
        Unauthenticated("certificate refused: it ended at " + UtcText(peer.not_after)),
        v1::FAILURE_REASON_CONTROL_CERTIFICATE_EXPIRED);
  }
  FLOTILLA_RETURN_IF_ERROR(CheckChain(leaf.get(), authorities, peer.kind, at));
  return peer;
}

StatusOr<PeerIdentity> CheckPeer(std::string_view leaf_pem, std::string_view ca_pem, Time now,
                                 EndCheck end) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<X509Ptr> authorities, ReadBundlePem(ca_pem));
  return CheckPeerUnder(authorities, leaf_pem, now, end);
}

Status CheckServer(std::string_view leaf_pem, std::string_view ca_pem,
                   std::optional<std::string_view> host, const CertificateTime& time) {
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr leaf, ReadPeer(leaf_pem));
  Time at = time.now;
  if (time.at_least) {
    const auto begins = TimeOf(X509_get0_notBefore(leaf.get()));
    if (!begins.ok()) {
      return Refused(MessageOf(begins.status()));
    }
    at = std::max(at, *begins);  // its authority is older than it
  }
  FLOTILLA_ASSIGN_OR_RETURN(const PeerIdentity peer, CheckPeer(leaf_pem, ca_pem, at));
  if (peer.kind != PeerKind::kServer) {
    return Refused("it is not a server's");
  }
  if (!host.has_value()) {
    return OkStatus();
  }
  const bool named = NamesHost(leaf.get(), std::string(*host));
  return named ? OkStatus() : Refused("it does not name the host " + std::string(*host));
}

Status CheckServer(std::string_view leaf_pem, std::string_view ca_pem,
                   std::optional<std::string_view> host, Time now) {
  return CheckServer(leaf_pem, ca_pem, host, CertificateTime{now, false});
}

StatusOr<std::string> FindPinnedAuthority(std::string_view chain_pem, const Digest& pin) {
  FLOTILLA_ASSIGN_OR_RETURN(const BioPtr bio, ReadBio(chain_pem));
  for (int i = 0; i < kMaxChainCertificates; ++i) {
    const X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) {
      break;
    }
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes der, CertificateDer(certificate.get()));
    if (Sha256(der) == pin) {
      return CertificatePem(certificate.get());
    }
  }
  return Refused("the server's chain does not hold the authority " + pin.ToHex());
}

StatusOr<Bytes> CertificatePemToDer(std::string_view pem) {
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr certificate, ReadCertificatePem(pem));
  return CertificateDer(certificate.get());
}

StatusOr<std::string> CertificateDerToPem(ByteView der) {
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr certificate, ReadCertificateDer(der));
  return CertificatePem(certificate.get());
}

StatusOr<Time> CertificateEnd(std::string_view pem) {
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr certificate, ReadCertificatePem(pem));
  return TimeOf(X509_get0_notAfter(certificate.get()));
}

}  // namespace flotilla::security
