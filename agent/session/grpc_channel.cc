#include "agent/session/grpc_channel.h"

#include <string_view>
#include <utility>
#include <vector>

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

namespace flotilla::agent {
namespace {

constexpr int kConnectTimeoutMillis = 30'000;
constexpr int kMaxReceiveBytes = 256 * 1024;
constexpr int kMaxSendBytes = 64 * 1024;
constexpr int kMaxMetadataBytes = 8 * 1024;
// The controller takes a ping every 30 s and no more (controller/wire/h2_server.h).
constexpr int kStrictNatPingMillis = 50'000;
constexpr int kPingTimeoutMillis = 20'000;
// Read by gRPC's HTTP CONNECT handshaker, one "name:value" a line; its name has no macro.
constexpr char kConnectHeaders[] = "grpc.http_connect_headers";

std::string_view HostOf(std::string_view target) {
  const std::size_t colon = target.rfind(':');
  const bool has_port = colon != std::string_view::npos && target.find(':') == colon;
  std::string_view host = has_port ? target.substr(0, colon) : target;
  const std::size_t bracket = target.find(']');
  if (target.starts_with('[') && bracket != std::string_view::npos) {
    host = target.substr(1, bracket - 1);
  }
  return host;
}

// Asks `check` about the certificate at the end of each handshake.
class ServerVerifier final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  ServerVerifier(std::string ca_pem, ServerCheck check)
      : ca_pem_(std::move(ca_pem)), check_(std::move(check)) {}

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> /*callback*/, grpc::Status* sync_status) override {
    const grpc::string_ref leaf = request->peer_cert();
    const grpc::string_ref target = request->target_name();
    const Status checked =
        check_({leaf.data(), leaf.size()}, ca_pem_, HostOf({target.data(), target.size()}));
    if (!checked.ok()) {
      *sync_status = {grpc::StatusCode::UNAUTHENTICATED, MessageOf(checked)};
    }
    return true;  // done
  }

  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest* /*request*/) override {}

 private:
  const std::string ca_pem_;
  const ServerCheck check_;
};

// The name that TLS is about stays the target's. No proxy of the environment is used.
void SetProxy(const security::HttpProxy* proxy, grpc::ChannelArguments& arguments) {
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, proxy != nullptr ? 1 : 0);
  if (proxy == nullptr) {
    return;
  }
  arguments.SetString(GRPC_ARG_HTTP_PROXY, "http://" + proxy->address());
  if (const security::Secret authorization = proxy->Authorization(); !authorization.empty()) {
    // In the URL gRPC 1.51 could not tell an '@' of the password from its own.
    std::string header = "Proxy-Authorization:";  // gRPC writes the space
    header.append(authorization.view());
    arguments.SetString(kConnectHeaders, header);
  }
}

}  // namespace

TlsSessionCache::TlsSessionCache()
    : cache_(grpc_ssl_session_cache_create_lru(1), &grpc_ssl_session_cache_destroy) {}

std::shared_ptr<grpc::ChannelCredentials> MutualTls(const SessionCredentials& credentials) {
  using grpc::experimental::ExternalCertificateVerifier;
  using grpc::experimental::IdentityKeyCertPair;
  using grpc::experimental::StaticDataCertificateProvider;
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);  // gRPC does not; the verifier does
  options.set_check_call_host(false);
  options.set_certificate_verifier(ExternalCertificateVerifier::Create<ServerVerifier>(
      credentials.ca_pem, credentials.check_server));
  if (!credentials.private_key_pem.empty()) {
    const std::vector<IdentityKeyCertPair> identity = {
        {credentials.private_key_pem, credentials.certificate_chain_pem}};
    options.set_certificate_provider(std::make_shared<StaticDataCertificateProvider>(identity));
    options.watch_identity_key_cert_pairs();
  }
  return grpc::experimental::TlsCredentials(options);
}

std::shared_ptr<grpc::Channel> NewChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
    const TlsSessionCache* sessions, const Link& link) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMillis);
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetMaxSendMessageSize(kMaxSendBytes);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  SetProxy(link.proxy.get(), arguments);
  if (link.kind == LinkKind::kStrictNat) {
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kStrictNatPingMillis);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingTimeoutMillis);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  }
  if (sessions != nullptr) {
    const grpc_arg cache = grpc_ssl_session_cache_create_channel_arg(sessions->get());
    arguments.SetPointerWithVtable(cache.key, cache.value.pointer.p, cache.value.pointer.vtable);
  }
  return grpc::CreateCustomChannel("dns:" + address, credentials, arguments);
}

}  // namespace flotilla::agent
