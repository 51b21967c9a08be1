// Downloads through an HTTP proxy: by CONNECT alone, and what is said when it does not let them.

#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/fetch/curl_fetcher.h"
#include "tests/support/connect_proxy.h"
#include "tests/support/scripted_http_server.h"

namespace flotilla::ota {
namespace {

class CurlProxy : public testing::Test {
 protected:
  CurlProxy()
      : server_([](const std::string&) {
          return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        }) {
    const std::string url = server_.url();
    const std::size_t colon = url.rfind(':');
    const std::string port = url.substr(colon + 1, url.size() - colon - 2);
    proxy_.Know("fleet.test:443", static_cast<std::uint16_t>(std::stoi(port)));
  }
  Status Fetch() const {
    CurlFetcherOptions options;
    options.metadata_url = "http://fleet.test:443/";  // no name server knows it
    options.targets_url = options.metadata_url;
    options.protocols = "http";
    options.no_proxy = "*";
    options.proxy = security::HttpProxy::Read(proxy_.url(), "").value();
    return CurlFetcher::Create(options).value()->Fetch("timestamp.json", 100).status();
  }

  ScriptedHttpServer server_;
  ConnectProxy proxy_;
};

TEST_F(CurlProxy, IsAskedToConnectAndLooksTheNameUp) {
  EXPECT_EQ(OkStatus(), Fetch());
  ASSERT_EQ(proxy_.tunnels().size(), 1U);
  EXPECT_EQ(proxy_.tunnels()[0].target, "fleet.test:443");
  EXPECT_TRUE(proxy_.tunnels()[0].greeting.starts_with("GET /timestamp.json "));
  EXPECT_TRUE(proxy_.refusals().empty());
}

TEST_F(CurlProxy, IsNamedWithWhatToDoWhenItRefuses) {
  proxy_.Demand("Basic YTpi");
  const Status unknown = Fetch();
  EXPECT_EQ(unknown.code(), StatusCode::kUnavailable);
  EXPECT_EQ(ReasonNumber(unknown), v1::FAILURE_REASON_FETCH_CONNECT);
  EXPECT_NE(MessageOf(unknown).find("answered 407"), std::string::npos) << unknown;
  EXPECT_NE(MessageOf(unknown).find("proxy_credentials_file"), std::string::npos) << unknown;
  proxy_.Demand("");
  proxy_.Refuse(403);
  EXPECT_NE(MessageOf(Fetch()).find("answered 403"), std::string::npos);
}

TEST_F(CurlProxy, IsNamedWhenItIsAway) {
  proxy_.GoAway();
  const Status away = Fetch();
  EXPECT_EQ(ReasonNumber(away), v1::FAILURE_REASON_FETCH_CONNECT);
  EXPECT_NE(MessageOf(away).find(proxy_.url().substr(7) + " does not answer"), std::string::npos)
      << away;
  proxy_.ComeBack();
  EXPECT_EQ(OkStatus(), Fetch());
}

}  // namespace
}  // namespace flotilla::ota
