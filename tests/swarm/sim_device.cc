#include "tests/swarm/sim_device.h"

#include <chrono>
#include <thread>
#include <utility>

#include "flotilla/v1/enrolment.grpc.pb.h"

#include "base/bytes.h"
#include "security/enrolment_token.h"
#include "security/sha256.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"
#include "security/x509/server_chain.h"
#include "telemetry/schema/registry.h"

namespace flotilla::swarm {
namespace {

constexpr auto kAskAgain = std::chrono::milliseconds(300);
constexpr int kAttempts = 400;
constexpr int kDeadlineSeconds = 20;

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(gpr_time_from_seconds(kDeadlineSeconds, GPR_TIMESPAN));
}

Status FromGrpc(const grpc::Status& status) {
  return status.ok() ? OkStatus()
                     : Status(static_cast<StatusCode>(status.error_code()), status.error_message());
}

std::shared_ptr<grpc::Channel> Dial(const std::string& address, const std::string& ca_pem,
                                    const std::string& chain, const std::string& key) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = ca_pem;
  tls.pem_cert_chain = chain;
  tls.pem_private_key = key;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(tls), arguments);
}

StatusOr<v1::EnrollResponse> Ask(const SwarmAddresses& addresses, const std::string& ca_pem,
                                 const v1::EnrollRequest& request) {
  const auto stub = v1::EnrolmentService::NewStub(Dial(addresses.enrolment, ca_pem, "", ""));
  Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::EnrollResponse response;
    status = FromGrpc(stub->Enroll(&context, request, &response));
    if (status.ok()) {
      return response;
    }
    if (status.code() != StatusCode::kResourceExhausted &&
        status.code() != StatusCode::kUnavailable) {
      break;
    }
    std::this_thread::sleep_for(kAskAgain);
  }
  return status;
}

}  // namespace

StatusOr<std::string> AuthorityOf(const SwarmAddresses& addresses) {
  FLOTILLA_ASSIGN_OR_RETURN(const security::TokenText token,
                            security::ParseTokenText(addresses.token));
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::string chain,
      security::FetchServerChain(addresses.enrolment, absl::Seconds(kDeadlineSeconds)));
  return security::FindPinnedAuthority(chain, token.ca);
}

SimDevice::SimDevice(std::string name, std::unique_ptr<security::KeyPair> reporting_key,
                     std::shared_ptr<grpc::Channel> channel)
    : name_(std::move(name)),
      reporting_key_(std::move(reporting_key)),
      channel_(std::move(channel)) {}

StatusOr<std::unique_ptr<SimDevice>> SimDevice::Enrol(const SwarmAddresses& addresses,
                                                      const std::string& ca_pem,
                                                      const std::string& name) {
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::Generate());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
  v1::EnrollRequest request;
  request.set_token(addresses.token);
  request.set_csr_der(ToText(csr));
  request.set_device_id(name);
  request.set_machine_fingerprint(ToText(security::Sha256(AsBytes(name)).bytes()));
  request.mutable_facts()->set_hardware("simulated-reporter");
  FLOTILLA_ASSIGN_OR_RETURN(const v1::EnrollResponse response, Ask(addresses, ca_pem, request));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string key_pem, key.ToPem());
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<security::KeyPair> reporting,
                            security::GenerateEd25519());
  return std::unique_ptr<SimDevice>(new SimDevice(
      response.device_id(), std::move(reporting),
      Dial(addresses.device, response.ca_bundle_pem().empty() ? ca_pem : response.ca_bundle_pem(),
           response.certificate_chain_pem(), key_pem)));
}

StatusOr<v1::GetHealthTasksResponse> SimDevice::GetTasks() {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetHealthTasksRequest request;
  request.set_schema_version(schema::kSchemaVersion);
  v1::GetHealthTasksResponse response;
  FLOTILLA_RETURN_IF_ERROR(FromGrpc(
      v1::HealthTaskService::NewStub(channel_)->GetHealthTasks(&context, request, &response)));
  return response;
}

StatusOr<v1::UploadResult> SimDevice::Upload(const std::string& message) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::UploadRequest request;
  request.set_report(message);
  v1::UploadResponse response;
  FLOTILLA_RETURN_IF_ERROR(
      FromGrpc(v1::MetricsService::NewStub(channel_)->Upload(&context, request, &response)));
  return response.result();
}

}  // namespace flotilla::swarm
