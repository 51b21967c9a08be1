#include "tests/swarm/fleet/operator_access.h"

#include <cstdint>

#include <grpcpp/grpcpp.h>

#include "base/bytes.h"
#include "base/file.h"

namespace flotilla::swarm {
namespace {

constexpr std::uint64_t kMaxPemBytes = 1U << 20U;
constexpr int kMaxAnswerBytes = 4 << 20;

}  // namespace

StatusOr<std::shared_ptr<grpc::Channel>> DialOperator(const OperatorAccess& access) {
  grpc::SslCredentialsOptions tls;
  const auto read = [&](const char* name) -> StatusOr<std::string> {
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes pem, ReadFile(access.folder / name, kMaxPemBytes));
    return ToText(pem);
  };
  FLOTILLA_ASSIGN_OR_RETURN(tls.pem_root_certs, read("ca.crt"));
  FLOTILLA_ASSIGN_OR_RETURN(tls.pem_cert_chain, read("operator.crt"));
  FLOTILLA_ASSIGN_OR_RETURN(tls.pem_private_key, read("operator.key"));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(access.address, grpc::SslCredentials(tls), arguments);
}

}  // namespace flotilla::swarm
