#include "agent/session/grpc_channel.h"

namespace flotilla::agent {
namespace {

constexpr int kConnectTimeoutMillis = 30'000;
constexpr int kMaxReceiveBytes = 256 * 1024;
constexpr int kMaxSendBytes = 64 * 1024;

}  // namespace

TlsSessionCache::TlsSessionCache()
    : cache_(grpc_ssl_session_cache_create_lru(1), &grpc_ssl_session_cache_destroy) {}

std::shared_ptr<grpc::ChannelCredentials> MutualTls(const SessionCredentials& credentials) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = credentials.ca_pem;
  options.pem_private_key = credentials.private_key_pem;
  options.pem_cert_chain = credentials.certificate_chain_pem;
  return grpc::SslCredentials(options);
}

std::shared_ptr<grpc::Channel> NewChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
    const TlsSessionCache* sessions) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMillis);
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetMaxSendMessageSize(kMaxSendBytes);
  if (sessions != nullptr) {
    const grpc_arg cache = grpc_ssl_session_cache_create_channel_arg(sessions->get());
    arguments.SetPointerWithVtable(cache.key, cache.value.pointer.p, cache.value.pointer.vtable);
  }
  return grpc::CreateCustomChannel("dns:" + address, credentials, arguments);
}

}  // namespace flotilla::agent
