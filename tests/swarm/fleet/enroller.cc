#include "tests/swarm/fleet/enroller.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "flotilla/v1/enrolment.grpc.pb.h"

#include "base/bytes.h"
#include "security/sha256.h"
#include "security/x509/ec_key.h"

namespace flotilla::swarm {
namespace {

constexpr auto kAskAgain = std::chrono::milliseconds(200);
constexpr int kAttempts = 300;
constexpr int kDeadlineSeconds = 30;

StatusOr<v1::EnrollResponse> Ask(v1::EnrolmentService::Stub& stub,
                                 const v1::EnrollRequest& request) {
  Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    grpc::ClientContext context;
    context.set_deadline(gpr_time_from_seconds(kDeadlineSeconds, GPR_TIMESPAN));
    v1::EnrollResponse response;
    const grpc::Status answer = stub.Enroll(&context, request, &response);
    if (answer.ok()) {
      return response;
    }
    status = Status(static_cast<StatusCode>(answer.error_code()), answer.error_message());
    if (status.code() != StatusCode::kResourceExhausted &&
        status.code() != StatusCode::kUnavailable) {
      break;
    }
    std::this_thread::sleep_for(kAskAgain);
  }
  return status;
}

StatusOr<KeptDevice> EnrolOne(v1::EnrolmentService::Stub& stub, const EnrolOptions& options,
                              const std::string& id) {
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::Generate());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
  v1::EnrollRequest request;
  request.set_token(options.token);
  request.set_csr_der(ToText(csr));
  request.set_device_id(id);
  request.set_machine_fingerprint(ToText(security::Sha256(AsBytes(id)).bytes()));
  request.mutable_facts()->set_hardware(options.hardware);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::EnrollResponse response, Ask(stub, request));
  FLOTILLA_ASSIGN_OR_RETURN(std::string key_pem, key.ToPem());
  return KeptDevice{response.device_id(), std::move(key_pem), response.certificate_chain_pem(), {}};
}

std::unique_ptr<v1::EnrolmentService::Stub> Dial(const EnrolOptions& options) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.ca_pem;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return v1::EnrolmentService::NewStub(
      grpc::CreateCustomChannel(options.address, grpc::SslCredentials(tls), arguments));
}

}  // namespace

StatusOr<std::vector<KeptDevice>> EnrolAll(const EnrolOptions& options,
                                           const std::vector<std::string>& ids,
                                           const std::function<void(std::size_t)>& progress) {
  std::vector<KeptDevice> enrolled(ids.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> done = 0;
  std::mutex mutex;
  Status failed;
  const auto work = [&] {
    const auto stub = Dial(options);
    for (std::size_t i = next++; i < ids.size(); i = next++) {
      StatusOr<KeptDevice> one = EnrolOne(*stub, options, ids[i]);
      if (!one.ok()) {
        const std::scoped_lock lock(mutex);
        failed.Update(Annotate(one.status(), ids[i]));
        next = ids.size();
        return;
      }
      enrolled[i] = *std::move(one);
      progress(++done);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < options.at_once; ++i) {
      threads.emplace_back(work);
    }
  }
  FLOTILLA_RETURN_IF_ERROR(failed);
  return enrolled;
}

}  // namespace flotilla::swarm
