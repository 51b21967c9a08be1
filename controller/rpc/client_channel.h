// What the controller's own channels have in common: to the leader, to the helper.
#ifndef FLOTILLA_CONTROLLER_RPC_CLIENT_CHANNEL_H_
#define FLOTILLA_CONTROLLER_RPC_CLIENT_CHANNEL_H_

#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

namespace flotilla::controller {

struct ClientChannelOptions {
  int first_backoff_millis = 0;
  int longest_backoff_millis = 0;
  int max_receive_bytes = 0;
};

// No probe of the bandwidth, no proxy of the environment; a connection is given up after 5 s.
grpc::ChannelArguments ClientArguments(const ClientChannelOptions& options);

std::shared_ptr<grpc::ChannelCredentials> ClientTls(const std::string& ca_pem,
                                                    const std::string& certificate_chain_pem,
                                                    const std::string& private_key_pem);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_CLIENT_CHANNEL_H_
