#include "tests/e2e/support/thief.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <mutex>
#include <set>
#include <utility>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include "flotilla/v1/session.grpc.pb.h"

#include "base/file.h"
#include "security/clock_attestation.h"
#include "security/key_file.h"
#include "security/tuf/key.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 64U << 20U;

using Stream = grpc::ServerReaderWriter<v1::SessionResponse, v1::SessionRequest>;

}  // namespace

struct Thief::Impl final : v1::DeviceService::Service {
  explicit Impl(const Site& site_in) : site(site_in) {}

  grpc::Status Session(grpc::ServerContext* context, Stream* stream) override {
    v1::SessionRequest request;
    while (stream->Read(&request)) {
      const std::scoped_lock lock(mutex);
      if (request.has_hello()) {
        ++session_count;
        condition = request.hello().condition();
        v1::SessionResponse response;
        *response.mutable_welcome() = WelcomeTo(request.hello());
        stream->Write(response);
        response.Clear();
        *response.mutable_desired_state() = desired;
        stream->Write(response);
        streams.insert(stream);
        contexts.insert(context);
      } else if (request.has_report()) {
        report = request.report();
        v1::SessionResponse response;
        response.mutable_ack()->set_boot_epoch(request.report().boot_epoch());
        response.mutable_ack()->set_durable_seq(request.report().seq());
        stream->Write(response);
      } else if (request.has_condition()) {
        condition = request.condition();
      }
    }
    const std::scoped_lock lock(mutex);
    streams.erase(stream);
    contexts.erase(context);
    return grpc::Status::OK;
  }

  v1::Welcome WelcomeTo(const v1::Hello& hello) const {
    v1::Welcome welcome;
    welcome.set_session_epoch(static_cast<std::uint64_t>(session_count));
    welcome.set_durable_seq(hello.outbox_last_seq());
    const std::string base = "https://" + site.Listener("artifact");
    welcome.set_metadata_url(base + "/metadata/");
    welcome.set_targets_url(base + "/targets/");
    if (attested.has_value()) {
      const auto key =
          security::LoadSigner(site.state_dir() / "online-keys/timestamp.key", "").value();
      v1::ClockAttestation& attestation = *welcome.mutable_clock_attestation();
      attestation.mutable_at()->set_seconds(absl::ToUnixSeconds(*attested));
      attestation.set_key_id(tuf::KeyId(key->public_key()));
      attestation.set_signature(ToText(
          key->Sign(security::ClockMessage(AsBytes(hello.clock_nonce()), *attested)).value()));
    }
    return welcome;
  }

  const Site& site;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  mutable std::mutex mutex;
  std::set<Stream*> streams;
  std::set<grpc::ServerContext*> contexts;
  v1::DesiredState desired;
  std::optional<Time> attested;
  v1::UpdateReport report;
  v1::Condition condition;
  int session_count = 0;
};

Thief::Thief(const Site& site) : site_(site), impl_(std::make_unique<Impl>(site)) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = FileText(site.state_dir() / "ca/ca.crt");
  options.pem_key_cert_pairs.push_back({FileText(site.state_dir() / "tls/server.key"),
                                        FileText(site.state_dir() / "tls/server.crt")});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &impl_->port);
  builder.RegisterService(impl_.get());
  impl_->server = builder.BuildAndStart();
}

Thief::~Thief() {
  {
    const std::scoped_lock lock(impl_->mutex);
    for (grpc::ServerContext* context : impl_->contexts) {
      context->TryCancel();
    }
  }
  impl_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
}

std::string Thief::address() const {
  return "127.0.0.1:" + std::to_string(impl_->port);
}

void Thief::Assign(v1::Assignment assignment) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->desired.set_generation(impl_->desired.generation() + 1);
  impl_->desired.clear_assignments();
  *impl_->desired.add_assignments() = std::move(assignment);
  impl_->report.Clear();
  v1::SessionResponse response;
  *response.mutable_desired_state() = impl_->desired;
  for (Stream* stream : impl_->streams) {
    stream->Write(response);
  }
}

void Thief::Attest(std::optional<Time> at) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->attested = at;
}

v1::UpdateReport Thief::LastReport() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->report;
}

v1::Condition Thief::LastCondition() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->condition;
}

int Thief::sessions() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->session_count;
}

void Thief::Rewrite(const fs::path& file, const std::function<void(tuf::Draft&)>& edit,
                    const fs::path& key) {
  auto draft = tuf::Draft::Load(ReadFile(file, kMaxBytes).value());
  ASSERT_TRUE(draft.ok()) << draft.status();
  edit(*draft);
  if (!key.empty()) {
    auto signer = security::LoadSigner(key, "");
    ASSERT_TRUE(signer.ok()) << signer.status();
    ASSERT_TRUE(draft->Sign(**signer).ok());
  }
  fs::permissions(file, fs::perms::owner_all);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << ToText(draft->Encode().value());
}

fs::path Thief::Newest(const std::string& role) const {
  int version = 0;
  for (const auto& entry : fs::directory_iterator(site_.metadata_dir())) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with("." + role + ".json")) {
      version = std::max(version, std::stoi(name));
    }
  }
  return site_.metadata_dir() / (std::to_string(version) + "." + role + ".json");
}

fs::path Thief::OnlineKey(const std::string& role) const {
  return site_.state_dir() / "online-keys" / (role + ".key");
}

}  // namespace flotilla::e2e
