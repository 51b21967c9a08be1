#include "controller/rpc/grpc_listener.h"

#include <utility>

#include <grpc/grpc_security_constants.h>
#include <grpc/impl/codegen/grpc_types.h>
#include <grpcpp/security/server_credentials.h>

namespace flotilla::controller {
namespace {

// The numbers of docs/capacity.md: silent peers and oversized headers must not hold memory.
constexpr int kHandshakeTimeoutMs = 10000;
constexpr int kMaxMetadataBytes = 8 * 1024;
constexpr int kKeepaliveMs = 600000;
constexpr int kLeastPingIntervalMs = 30000;
constexpr int kMaxPingStrikes = 3;

std::shared_ptr<grpc::ServerCredentials> Credentials(const GrpcListenerOptions& options) {
  grpc::SslServerCredentialsOptions tls(
      options.client_proof == ClientProof::kNone
          ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
          : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  if (options.client_proof != ClientProof::kNone) {
    tls.pem_root_certs = options.client_ca_pem;
  }
  tls.pem_key_cert_pairs.push_back({options.private_key_pem, options.certificate_chain_pem});
  return grpc::SslServerCredentials(tls);
}

void SetArguments(const GrpcListenerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_receive_bytes);
  builder.SetMaxSendMessageSize(options.max_send_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  // Halves the CPU of a heartbeat.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kLeastPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kMaxPingStrikes);
  // A second controller on the same port is a mistake, not a replica.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

StatusOr<std::unique_ptr<GrpcListener>> GrpcListener::Start(
    const GrpcListenerOptions& options, const std::vector<grpc::Service*>& services) {
  grpc::ServerBuilder builder;
  SetArguments(options, builder);
  std::unique_ptr<GrpcListener> listener(new GrpcListener());
  int port = 0;
  builder.AddListeningPort(options.address, Credentials(options), &port);
  for (grpc::Service* service : services) {
    builder.RegisterService(service);
  }
  listener->server_ = builder.BuildAndStart();
  if (listener->server_ == nullptr || port <= 0) {
    return Unavailable("cannot listen on " + options.address);
  }
  listener->port_ = static_cast<std::uint16_t>(port);
  return listener;
}

GrpcListener::~GrpcListener() {
  Stop(absl::ZeroDuration());
}

void GrpcListener::Stop(Duration grace) {
  if (server_ != nullptr) {
    server_->Shutdown(gpr_time_from_millis(absl::ToInt64Milliseconds(grace), GPR_TIMESPAN));
    server_->Wait();
    server_.reset();
  }
}

}  // namespace flotilla::controller
