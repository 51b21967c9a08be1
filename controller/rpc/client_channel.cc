#include "controller/rpc/client_channel.h"

namespace flotilla::controller {
namespace {

constexpr int kConnectTimeoutMillis = 5'000;

}  // namespace

grpc::ChannelArguments ClientArguments(const ClientChannelOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, options.first_backoff_millis);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, options.longest_backoff_millis);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMillis);
  arguments.SetMaxReceiveMessageSize(options.max_receive_bytes);
  return arguments;
}

std::shared_ptr<grpc::ChannelCredentials> ClientTls(const std::string& ca_pem,
                                                    const std::string& certificate_chain_pem,
                                                    const std::string& private_key_pem) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = ca_pem;
  tls.pem_cert_chain = certificate_chain_pem;
  tls.pem_private_key = private_key_pem;
  return grpc::SslCredentials(tls);
}

}  // namespace flotilla::controller
