#include "telemetry/aggregator/rpc/leader_listener.h"

#include <utility>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/server_credentials.h>

#include "absl/strings/str_cat.h"

#include "telemetry/aggregator/rpc/aggregation_service.h"
#include "telemetry/aggregator/rpc/leader_gate.h"

namespace flotilla::telemetry {
namespace {

constexpr int kMaxReceiveBytes = 2 * 1024 * 1024 + 64 * 1024;  // a job, and its envelope
constexpr int kMaxSendBytes = 1024 * 1024;
constexpr int kMaxStreams = 8;
constexpr int kMaxMetadataBytes = 8 * 1024;
constexpr int kHandshakeTimeoutMs = 10000;

std::shared_ptr<grpc::ServerCredentials> Credentials(const ServerCredential& credential) {
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = credential.ca_pem;
  tls.pem_key_cert_pairs.push_back({credential.key_pem, credential.chain_pem});
  return grpc::SslServerCredentials(tls);
}

}  // namespace

struct LeaderListener::Impl {
  Impl(const ServerCredential& credential, const World& world)
      : gate(credential.ca_pem, world.clock), service(gate, world.worker, world.room) {}

  LeaderGate gate;
  AggregationService service;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

LeaderListener::LeaderListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LeaderListener::~LeaderListener() {
  Stop(absl::ZeroDuration());
}

StatusOr<std::unique_ptr<LeaderListener>> LeaderListener::Start(const std::string& address,
                                                                const ServerCredential& credential,
                                                                const World& world) {
  auto impl = std::make_unique<Impl>(credential, world);
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  builder.SetMaxSendMessageSize(kMaxSendBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  // A second aggregator on the same port is a mistake, not a replica.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(address, Credentials(credential), &impl->port);
  builder.RegisterService(&impl->service);
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || impl->port <= 0) {
    return Unavailable(absl::StrCat("cannot listen on ", address));
  }
  return std::unique_ptr<LeaderListener>(new LeaderListener(std::move(impl)));
}

std::uint16_t LeaderListener::port() const {
  return static_cast<std::uint16_t>(impl_->port);
}

void LeaderListener::Stop(Duration grace) {
  if (impl_->server == nullptr) return;
  impl_->server->Shutdown(gpr_time_from_millis(absl::ToInt64Milliseconds(grace), GPR_TIMESPAN));
  impl_->server->Wait();
  impl_->server.reset();
}

}  // namespace flotilla::telemetry
