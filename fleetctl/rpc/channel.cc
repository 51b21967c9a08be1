#include "fleetctl/rpc/channel.h"

#include <memory>
#include <string>

#include "absl/time/time.h"

#include "base/file.h"
#include "base/reason_trailer.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::uint64_t kMaxPemBytes = 1U << 20U;

StatusOr<std::string> ReadPem(const std::string& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(file, kMaxPemBytes));
  return ToText(text);
}

}  // namespace

StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const config::v1::Context& context) {
  grpc::SslCredentialsOptions tls;
  FLOTILLA_ASSIGN_OR_RETURN(tls.pem_root_certs, ReadPem(context.ca()));
  FLOTILLA_ASSIGN_OR_RETURN(tls.pem_cert_chain, ReadPem(context.certificate()));
  FLOTILLA_ASSIGN_OR_RETURN(tls.pem_private_key, ReadPem(context.key()));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);  // a page of a thousand devices, or metadata
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  return grpc::CreateCustomChannel(context.operator_address(), grpc::SslCredentials(tls),
                                   arguments);
}

Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context) {
  if (status.ok()) {
    return OkStatus();
  }
  std::string text = status.error_message();
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    text = "the controller does not answer: " + text +
           " (is it running? does the certificate belong to it?)";
  }
  const Status converted(static_cast<StatusCode>(status.error_code()), text);
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(kReasonTrailer);
  return found == trailers.end()
             ? converted
             : WithReasonTrailer(converted, {found->second.data(), found->second.size()});
}

void SetDeadline(grpc::ClientContext& context, Duration limit) {
  // A time span, not a point in time: no clock is read here.
  context.set_deadline(gpr_time_from_millis(absl::ToInt64Milliseconds(limit), GPR_TIMESPAN));
}

}  // namespace flotilla::fleetctl
