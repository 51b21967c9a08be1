// The agent's sessions resume TLS, which halves what a reconnect costs the controller.

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "agent/session/grpc_session_transport.h"
#include "base/asio_executor.h"
#include "base/os_clock.h"
#include "flotilla/v1/session.grpc.pb.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"

namespace flotilla::agent {
namespace {

// Answers every Hello with a Welcome and remembers which sessions came over a resumed handshake.
class WelcomingController final : public v1::DeviceService::Service {
 public:
  grpc::Status Session(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::SessionResponse, v1::SessionRequest>* stream) override {
    const auto reused =
        context->auth_context()->FindPropertyValues(GRPC_SSL_SESSION_REUSED_PROPERTY);
    {
      const std::scoped_lock lock(mutex_);
      reused_.push_back(!reused.empty() && reused.front() == "true");
    }
    v1::SessionRequest request;
    while (stream->Read(&request)) {
      v1::SessionResponse response;
      response.mutable_welcome();
      stream->Write(response);
    }
    return grpc::Status::OK;
  }
  std::vector<bool> reused() {
    const std::scoped_lock lock(mutex_);
    return reused_;
  }

 private:
  std::mutex mutex_;
  std::vector<bool> reused_;
};

class WelcomeWaiter final : public SessionHandler {
 public:
  void OnMessage(const v1::SessionResponse& /*message*/) override { Tell(); }
  void OnClosed(const Status& status) override {
    ADD_FAILURE() << status;
    Tell();
  }
  std::future<void> Next() {
    told_ = std::promise<void>();
    return told_.get_future();
  }

 private:
  void Tell() { told_.set_value(); }

  std::promise<void> told_;
};

class SessionResumptionTest : public ::testing::Test {
 protected:
  SessionResumptionTest()
      : authority_(security::CertificateAuthority::Create("fleet", OsClock().Now(), absl::Hours(2))
                       .value()),
        thread_([this] { loop_.Run(); }) {
    const security::EcKey key = security::EcKey::Generate().value();
    const auto issued = authority_.IssueServer(key.MakeCsrDer().value(), {"localhost"},
                                               OsClock().Now(), absl::Hours(1));
    grpc::SslServerCredentialsOptions tls(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = authority_.cert_pem();
    tls.pem_key_cert_pairs.push_back({key.ToPem().value(), issued->chain_pem});
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(&controller_);
    server_ = builder.BuildAndStart();
    transport_ = std::make_unique<GrpcSessionTransport>("localhost:" + std::to_string(port),
                                                        Credentials(), loop_);
  }
  ~SessionResumptionTest() override {
    OnLoop([this] { transport_->Close(); });
    server_->Shutdown(gpr_time_0(GPR_CLOCK_REALTIME));
    server_->Wait();
    transport_.reset();
    loop_.Stop();
    thread_.join();
  }

  SessionCredentials Credentials() {
    const security::EcKey key = security::EcKey::Generate().value();
    const auto issued = authority_.IssueDevice(
        key.MakeCsrDer().value(), DeviceId::Parse("d1").value(), OsClock().Now(), absl::Hours(1));
    SessionCredentials credentials;
    credentials.ca_pem = authority_.cert_pem();
    credentials.certificate_chain_pem = issued->chain_pem;
    credentials.private_key_pem = key.ToPem().value();
    credentials.check_server = [](std::string_view leaf, std::string_view ca,
                                  std::string_view host) {
      return security::CheckServer(leaf, ca, host, OsClock().Now());
    };
    return credentials;
  }
  void OnLoop(const std::function<void()>& task) {
    std::promise<void> done;
    loop_.Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  // A session from its Hello to its Welcome.
  void OpenAndClose() {
    std::future<void> welcomed;
    OnLoop([&] {
      welcomed = waiter_.Next();
      transport_->Open(waiter_);
      v1::SessionRequest hello;
      hello.mutable_hello();
      transport_->Send(hello);
    });
    welcomed.wait();
    OnLoop([this] { transport_->Close(); });
  }

  AsioExecutor loop_;
  security::CertificateAuthority authority_;
  std::thread thread_;
  WelcomingController controller_;
  WelcomeWaiter waiter_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GrpcSessionTransport> transport_;
};

TEST_F(SessionResumptionTest, TheNextSessionResumesTlsAndANewIdentityDoesNot) {
  OpenAndClose();
  OpenAndClose();
  OnLoop([this] { transport_->Replace(Credentials()); });
  OpenAndClose();
  EXPECT_EQ(controller_.reused(), (std::vector<bool>{false, true, false}));
}

}  // namespace
}  // namespace flotilla::agent
