#include "controller/rpc/leader_channel.h"

#include <utility>

namespace flotilla::controller {
namespace {

constexpr int kFirstBackoffMillis = 100;
constexpr int kLongestBackoffMillis = 1'000;
constexpr int kConnectTimeoutMillis = 5'000;
constexpr int kMaxReceiveBytes = 256 * 1024;

std::shared_ptr<grpc::ChannelCredentials> Credentials(const ReplicaCredentials& credentials) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = credentials.ca_pem;
  tls.pem_cert_chain = credentials.certificate_chain_pem;
  tls.pem_private_key = credentials.private_key_pem;
  return grpc::SslCredentials(tls);
}

}  // namespace

LeaderChannel::LeaderChannel(const ReplicaCredentials& credentials)
    : credentials_(Credentials(credentials)), server_name_(credentials.server_name) {}

void LeaderChannel::Point(const std::string& address) {
  std::shared_ptr<grpc::Channel> channel;
  if (!address.empty()) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMillis);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestBackoffMillis);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMillis);
    arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
    arguments.SetSslTargetNameOverride(server_name_);
    channel = grpc::CreateCustomChannel("dns:" + address, credentials_, arguments);
  }
  const std::lock_guard lock(mutex_);
  channel_ = std::move(channel);
}

std::shared_ptr<grpc::Channel> LeaderChannel::Get() const {
  const std::lock_guard lock(mutex_);
  return channel_;
}

}  // namespace flotilla::controller
