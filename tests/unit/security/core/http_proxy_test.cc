#include "security/http_proxy.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "tests/support/temp_dir.h"

namespace flotilla::security {
namespace {

namespace fs = std::filesystem;

class HttpProxyTest : public testing::Test {
 protected:
  fs::path Credentials(const std::string& text, fs::perms mode) const {
    const fs::path file = dir_.path() / "proxy";
    std::ofstream(file) << text;
    fs::permissions(file, mode);
    return file;
  }
  static constexpr fs::perms kOwner = fs::perms::owner_read | fs::perms::owner_write;

 private:
  const TempDir dir_;
};

TEST_F(HttpProxyTest, IsNamedByAUrlOfHostAndPort) {
  EXPECT_EQ((*HttpProxy::Read("http://proxy.example:3128", ""))->address(), "proxy.example:3128");
  EXPECT_EQ((*HttpProxy::Read("http://[::1]:3128/", ""))->address(), "[::1]:3128");
  EXPECT_TRUE((*HttpProxy::Read("http://proxy.example:3128", ""))->Authorization().empty());
  for (const char* url :
       {"", "proxy.example:3128", "https://proxy.example:3128", "http://proxy.example",
        "http://:3128", "http://proxy.example:", "http://proxy.example:31x", "http://::1:3128",
        "http://proxy.example:3128/path", "http://pro xy:3128", "http://proxy:123456"}) {
    EXPECT_EQ(HttpProxy::Read(url, "").status().code(), StatusCode::kInvalidArgument) << url;
  }
}

TEST_F(HttpProxyTest, TakesNoPasswordOutOfTheUrl) {
  const Status status = HttpProxy::Read("http://anna:open@proxy.example:3128", "").status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(status).find("open@"), std::string::npos) << "a password is not said again";
}

TEST_F(HttpProxyTest, ReadsUserAndPasswordFromAFileThatItsOwnerAloneMayRead) {
  const auto proxy = HttpProxy::Read("http://p:1", Credentials("anna:a:b@c\n", kOwner));
  ASSERT_TRUE(proxy.ok()) << proxy.status();
  EXPECT_EQ((*proxy)->credentials().view(), "anna:a:b@c");
  EXPECT_EQ((*proxy)->Authorization().view(), "Basic YW5uYTphOmJAYw==");

  const auto open =
      HttpProxy::Read("http://p:1", Credentials("anna:secret\n", kOwner | fs::perms::group_read));
  EXPECT_EQ(open.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(open.status()).find("chmod 600"), std::string::npos);
  EXPECT_EQ(HttpProxy::Read("http://p:1", "/no/such/file").status().code(), StatusCode::kNotFound);
  for (const char* text : {"", "anna\n", ":password\n"}) {
    EXPECT_EQ(HttpProxy::Read("http://p:1", Credentials(text, kOwner)).status().code(),
              StatusCode::kInvalidArgument)
        << text;
  }
}

TEST_F(HttpProxyTest, SaysWhichProxyFailedAndWhatToDo) {
  const auto bare = *HttpProxy::Read("http://proxy.example:3128", "");
  const auto known = *HttpProxy::Read("http://proxy.example:3128", Credentials("a:b", kOwner));
  const Status wants = bare->Refused(407, "fleet.example:443");
  EXPECT_EQ(wants.code(), StatusCode::kUnavailable);
  EXPECT_EQ(ReasonNumber(wants), v1::FAILURE_REASON_FETCH_CONNECT);
  EXPECT_EQ(
      MessageOf(wants),
      "the proxy proxy.example:3128 answered 407 when asked for fleet.example:443: it wants a "
      "user and a password: name proxy_credentials_file");
  EXPECT_NE(MessageOf(known->Refused(407, "x:1")).find("does not take what"), std::string::npos);
  EXPECT_NE(MessageOf(bare->Refused(403, "x:1")).find("have it allow CONNECT"), std::string::npos);
  EXPECT_NE(MessageOf(bare->Refused(503, "x:1")).find("does not reach"), std::string::npos);
  EXPECT_NE(MessageOf(bare->Away("refused")).find("proxy.example:3128"), std::string::npos);
}

}  // namespace
}  // namespace flotilla::security
