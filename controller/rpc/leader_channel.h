#ifndef FLOTILLA_CONTROLLER_RPC_LEADER_CHANNEL_H_
#define FLOTILLA_CONTROLLER_RPC_LEADER_CHANNEL_H_

#include <memory>
#include <mutex>
#include <string>

#include <grpcpp/grpcpp.h>

namespace flotilla::controller {

// What a replica shows to the leader, and how it knows it. PEM texts.
struct ReplicaCredentials {
  std::string ca_pem;
  std::string certificate_chain_pem;
  std::string private_key_pem;
  // In every replica's server certificate.
  std::string server_name;
};

// The way to whoever leads. Thread-safe.
class LeaderChannel {
 public:
  explicit LeaderChannel(const ReplicaCredentials& credentials);

  // `address` "host:port" of the leader's listener for replicas; empty: nobody leads. A new
  // connection even when it is the address of before.
  void Point(const std::string& address);
  // Null: nobody leads.
  std::shared_ptr<grpc::Channel> Get() const;

 private:
  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  const std::string server_name_;
  mutable std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_LEADER_CHANNEL_H_
