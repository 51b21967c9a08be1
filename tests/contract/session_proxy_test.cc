// Sessions through an HTTP proxy: TLS is with the controller, whatever stands between.

#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "agent/session/grpc_session_transport.h"
#include "base/asio_executor.h"
#include "base/os_clock.h"
#include "flotilla/v1/session.grpc.pb.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"
#include "security/x509/server_chain.h"
#include "tests/support/connect_proxy.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr char kName[] = "controller.fleet.test";

class WelcomingService final : public v1::DeviceService::Service {
 public:
  grpc::Status Session(
      grpc::ServerContext* /*context*/,
      grpc::ServerReaderWriter<v1::SessionResponse, v1::SessionRequest>* stream) override {
    v1::SessionRequest request;
    while (stream->Read(&request)) {
      v1::SessionResponse response;
      response.mutable_welcome();
      stream->Write(response);
    }
    return grpc::Status::OK;
  }
};

// OK at the first message; else why there is no session.
class FirstWord final : public SessionHandler {
 public:
  void OnMessage(const v1::SessionResponse& /*message*/) override { Tell(OkStatus()); }
  void OnClosed(const Status& status) override { Tell(status); }
  std::future<Status> Next() {
    told_ = std::promise<Status>();
    open_ = true;
    return told_.get_future();
  }

 private:
  void Tell(const Status& status) {
    if (open_) {
      open_ = false;
      told_.set_value(status);
    }
  }

  bool open_ = false;
  std::promise<Status> told_;
};

class SessionProxy : public ::testing::Test {
 protected:
  SessionProxy()
      : authority_(security::CertificateAuthority::Create("fleet", OsClock().Now(), absl::Hours(2))
                       .value()),
        thread_([this] { loop_.Run(); }) {
    const security::EcKey key = security::EcKey::Generate().value();
    const auto issued =
        authority_.IssueServer(key.MakeCsrDer().value(), {kName}, OsClock().Now(), absl::Hours(1));
    grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = authority_.cert_pem();
    tls.pem_key_cert_pairs.push_back({key.ToPem().value(), issued->chain_pem});
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    proxy_.Know(std::string(kName) + ":443", static_cast<std::uint16_t>(port));
    proxy_.Know("another.fleet.test:443", static_cast<std::uint16_t>(port));
  }
  ~SessionProxy() override {
    server_->Shutdown(gpr_time_0(GPR_CLOCK_REALTIME));
    server_->Wait();
    loop_.Stop();
    thread_.join();
  }

  std::shared_ptr<const security::HttpProxy> Proxy(const std::string& credentials) const {
    const auto file = dir_.path() / "proxy";
    if (!credentials.empty()) {
      std::ofstream(file) << credentials;
      std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    }
    return security::HttpProxy::Read(proxy_.url(), credentials.empty() ? "" : file).value();
  }
  SessionCredentials Credentials() const {
    const security::EcKey key = security::EcKey::Generate().value();
    const auto issued = authority_.IssueDevice(
        key.MakeCsrDer().value(), DeviceId::Parse("d1").value(), OsClock().Now(), absl::Hours(1));
    return {authority_.cert_pem(), issued->chain_pem, key.ToPem().value(),
            [](std::string_view leaf, std::string_view ca, std::string_view host) {
              return security::CheckServer(leaf, ca, host, OsClock().Now());
            }};
  }
  void OnLoop(const std::function<void()>& task) {
    std::promise<void> done;
    loop_.Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  // How a session with the controller of that name begins.
  Status Try(const std::string& name, const std::string& credentials = "") {
    FirstWord word;
    std::unique_ptr<GrpcSessionTransport> transport;
    std::future<Status> began;
    OnLoop([&] {
      transport = std::make_unique<GrpcSessionTransport>(
          name + ":443", Credentials(), loop_, Link{LinkKind::kPlain, Proxy(credentials)});
      began = word.Next();
      transport->Open(word);
      v1::SessionRequest hello;
      hello.mutable_hello();
      transport->Send(hello);
    });
    const Status status = began.get();
    OnLoop([&] { transport->Close(); });
    transport.reset();
    return status;
  }

  const TempDir dir_;
  AsioExecutor loop_;
  security::CertificateAuthority authority_;
  std::thread thread_;
  WelcomingService service_;
  ConnectProxy proxy_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(SessionProxy, SeesTheNameOfTheControllerAndTls) {
  EXPECT_EQ(OkStatus(), Try(kName));
  ASSERT_EQ(proxy_.tunnels().size(), 1U);
  const ConnectProxy::Tunnel tunnel = proxy_.tunnels()[0];
  EXPECT_EQ(tunnel.target, std::string(kName) + ":443");
  EXPECT_TRUE(tunnel.greeting.starts_with("\x16\x03")) << "a record of TLS";
  EXPECT_NE(tunnel.greeting.find(kName), std::string::npos) << "the name that TLS is about";
  EXPECT_EQ(tunnel.greeting.find("127.0.0.1"), std::string::npos);
}

TEST_F(SessionProxy, CannotPutAnotherServerInTheControllersPlace) {
  const Status status = Try("another.fleet.test");
  EXPECT_FALSE(status.ok()) << "the certificate is of another name";
  EXPECT_NE(MessageOf(status).find("through the proxy"), std::string::npos) << status;
}

TEST_F(SessionProxy, IsToldWhoAsksAndSaidToRefuse) {
  proxy_.Demand("Basic YW5uYTphOmJAYw==");
  EXPECT_EQ(OkStatus(), Try(kName, "anna:a:b@c"));
  const Status unknown = Try(kName);
  EXPECT_EQ(unknown.code(), StatusCode::kUnavailable);
  EXPECT_EQ(ReasonNumber(unknown), v1::FAILURE_REASON_FETCH_CONNECT);
  EXPECT_NE(MessageOf(unknown).find("name proxy_credentials_file"), std::string::npos) << unknown;
  const Status place = Try("unheard.fleet.test", "anna:a:b@c");
  EXPECT_NE(MessageOf(place).find("answered 403 when asked for unheard.fleet.test:443"),
            std::string::npos)
      << place;
}

TEST_F(SessionProxy, IsNamedWhenItIsAway) {
  proxy_.GoAway();
  const Status status = Try(kName);
  EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_FETCH_CONNECT) << status;
  EXPECT_NE(MessageOf(status).find(proxy_.url().substr(7) + " does not answer"), std::string::npos)
      << status;
}

TEST_F(SessionProxy, IsTheWayTheControllersCertificatesAreLookedAt) {
  const auto proxy = Proxy("");
  const std::string address = std::string(kName) + ":443";
  const auto chain = security::FetchServerChain(address, absl::Seconds(30), proxy.get());
  ASSERT_TRUE(chain.ok()) << chain.status();
  EXPECT_NE(chain->find("BEGIN CERTIFICATE"), std::string::npos);
  EXPECT_NE(proxy_.tunnels().at(0).greeting.find(kName), std::string::npos);
  proxy_.Refuse(502);
  const Status refused =
      security::FetchServerChain(address, absl::Seconds(30), proxy.get()).status();
  EXPECT_NE(MessageOf(refused).find("does not reach the controller"), std::string::npos) << refused;
}

}  // namespace
}  // namespace flotilla::agent
