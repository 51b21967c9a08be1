#include "security/http_tunnel.h"

#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace flotilla::security {
namespace {

// Asks over a socket pair whose other end answers with these bytes and goes away.
class OtherEnd {
 public:
  explicit OtherEnd(const std::string& answer) {
    std::array<int, 2> ends{};
    EXPECT_EQ(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
    ours_ = UniqueFd(ends[0]);
    theirs_ = UniqueFd(ends[1]);
    EXPECT_EQ(static_cast<ssize_t>(answer.size()),
              ::send(theirs_.get(), answer.data(), answer.size(), 0));
    ::shutdown(theirs_.get(), SHUT_WR);
  }
  Status Ask() { return OpenTunnel(ours_.get(), *proxy_, "fleet.example:443"); }
  std::string Rest() const { return Read(ours_); }
  std::string Request() {
    ours_.Reset();
    return Read(theirs_);
  }

 private:
  static std::string Read(const UniqueFd& fd) {
    std::string bytes(1024, '\0');
    const ssize_t got = ::recv(fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  const std::shared_ptr<const HttpProxy> proxy_ = *HttpProxy::Read("http://p.example:3128", "");
  UniqueFd ours_;
  UniqueFd theirs_;
};

TEST(HttpTunnel, AsksForTheTargetAndLeavesItsBytesAlone) {
  OtherEnd proxy("HTTP/1.1 200 OK\r\nVia: x\r\n\r\n\x16\x03");
  EXPECT_EQ(OkStatus(), proxy.Ask());
  EXPECT_EQ(proxy.Rest(), "\x16\x03");
  EXPECT_EQ(proxy.Request(),
            "CONNECT fleet.example:443 HTTP/1.1\r\nHost: fleet.example:443\r\n\r\n");
}

TEST(HttpTunnel, SaysWhatTheProxyAnswered) {
  const Status refused = OtherEnd("HTTP/1.1 403 Forbidden\r\n\r\n").Ask();
  EXPECT_EQ(refused.code(), StatusCode::kUnavailable);
  EXPECT_NE(MessageOf(refused).find("p.example:3128 answered 403"), std::string::npos) << refused;
  for (const char* answer :
       {"", "HTTP/1.1 200 OK\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n"}) {
    const Status none = OtherEnd(answer).Ask();
    EXPECT_NE(MessageOf(none).find("does not answer"), std::string::npos) << answer << none;
  }
}

TEST(HttpTunnel, ReadsTheStatusOfHttpOneAlone) {
  EXPECT_EQ(AnswerStatus("HTTP/1.0 502\r\n\r\n").value(), 502);
  EXPECT_EQ(AnswerStatus("HTTP/1.1 407 Who are you\r\nX: y\r\n\r\n").value(), 407);
  for (const char* head : {"HTTP/1.1 2000\r\n\r\n", "HTTP/1.1 20x OK\r\n\r\n",
                           "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.\r\n\r\n", "\r\n\r\n"}) {
    EXPECT_EQ(AnswerStatus(head).status().code(), StatusCode::kDataLoss) << head;
  }
}

}  // namespace
}  // namespace flotilla::security
