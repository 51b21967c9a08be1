#include "controller/rpc/leader_channel.h"

#include <utility>

#include "controller/rpc/client_channel.h"

namespace flotilla::controller {
namespace {

constexpr ClientChannelOptions kChannel{
    .first_backoff_millis = 100, .longest_backoff_millis = 1'000, .max_receive_bytes = 256 * 1024};

}  // namespace

LeaderChannel::LeaderChannel(const ReplicaCredentials& credentials)
    : credentials_(ClientTls(credentials.ca_pem, credentials.certificate_chain_pem,
                             credentials.private_key_pem)),
      server_name_(credentials.server_name) {}

void LeaderChannel::Point(const std::string& address) {
  std::shared_ptr<grpc::Channel> channel;
  if (!address.empty()) {
    grpc::ChannelArguments arguments = ClientArguments(kChannel);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
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
