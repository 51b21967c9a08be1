// Sessions through an HTTP proxy: TLS is with the controller, whatever stands between.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "agent/session/grpc_session_transport.h"
#include "base/loop_thread.h"
#include "security/x509/server_chain.h"
#include "tests/contract/welcoming_controller.h"
#include "tests/support/connect_proxy.h"
#include "tests/support/device_listener.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr char kName[] = "controller.fleet.test";

class SessionProxy : public ::testing::Test {
 protected:
  SessionProxy() {
    proxy_.Know(std::string(kName) + ":443", listener_.port());
    proxy_.Know("another.fleet.test:443", listener_.port());
  }

  std::shared_ptr<const security::HttpProxy> Proxy(const std::string& credentials) const {
    const auto file = dir_.path() / "proxy";
    if (!credentials.empty()) {
      std::ofstream(file) << credentials;
      std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    }
    return security::HttpProxy::Read(proxy_.url(), credentials.empty() ? "" : file).value();
  }
  // How a session with the controller of that name begins.
  Status Try(const std::string& name, const std::string& credentials = "") {
    GrpcSessionTransport transport(name + ":443", listener_.NewIdentity(), loop_.executor(),
                                   Link{LinkKind::kPlain, Proxy(credentials)});
    return SayHello(transport, loop_.executor());
  }

  const TempDir dir_;
  LoopThread loop_;
  WelcomingController controller_;
  ConnectProxy proxy_;
  // The chain can be looked at without a certificate.
  DeviceListener listener_{
      {&controller_},
      {.name = kName, .client_certificate = GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY}};
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
