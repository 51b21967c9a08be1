#include "controller/http/https_server.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "controller/access/permissions.h"
#include "controller/http/artifact_routes.h"
#include "controller/http/page_routes.h"
#include "controller/http/upload_routes.h"
#include "security/sha256.h"
#include "tests/integration/controller_http/https_client.h"
#include "tests/support/temp_dir.h"

namespace flotilla::http {
namespace {

constexpr std::uint64_t kMaxArtifact = 1U << 20U;

class HttpsServerTest : public testing::Test {
 protected:
  HttpsServerTest()
      : now_(OsClock().Now()),
        ca_(security::CertificateAuthority::Create("test", now_, security::kAuthorityLife).value()),
        operator_(MakeOperator(ca_, "alice", now_)),
        device_(MakeDevice(ca_, "pump-1", now_)),
        blobs_(folder_.path() / "blobs", fs_, kMaxArtifact) {
    std::filesystem::create_directories(folder_.path() / "blobs");
    std::filesystem::create_directories(folder_.path() / "targets/models-pump");
    std::filesystem::create_directories(folder_.path() / "metadata");
    std::ofstream(folder_.path() / "targets/models-pump/aa.model") << "0123456789";
    std::ofstream(folder_.path() / "metadata/timestamp.json") << "{}";
    std::ofstream(folder_.path() / "secret") << "not for anyone";
  }

  void Start(ClientCertificate mode) {
    Router router;
    AddArtifactRoutes(router, folder_.path(), Access::kDevice, counters_);
    AddUploadRoutes(router, blobs_, kMaxArtifact);
    AddPageRoutes(router);
    router.Add(
        {"GET", "/events", Access::kAnyone, Handler([](const Request&, const Responder& respond) {
           Response response;
           response.body = EventStream{0};
           respond(response);
         })});
    router.Add({"GET", "/watch", Access::kOperator,
                Handler([this](const Request&, const Responder& respond) {
                  watched_ = true;
                  Response response;
                  response.body = EventStream{0};
                  respond(response);
                })});
    router.Add({"POST", "/echo", Access::kOperator,
                Handler([](const Request& request, const Responder& respond) {
                  respond(TextResponse(200, "text/plain", request.peer->name + ":" + request.body));
                })});
    HttpsServerChecks checks;
    checks.peer = [this](const std::string& leaf) {
      return security::CheckPeer(leaf, ca_.cert_pem(), now_);
    };
    checks.standing = [this](const security::PeerIdentity& peer) {
      const std::lock_guard lock(mutex_);
      return peer.serial_hex == revoked_ ? Unauthenticated("revoked") : OkStatus();
    };
    checks.permit = [](const std::string& what, const security::PeerIdentity* peer) {
      const bool own = what == "POST /echo" || what == "GET /watch" || what == "GET /events";
      return own ? OkStatus() : controller::CheckPermission(what, peer);
    };
    checks.refused = [this](const std::string& what, const security::PeerIdentity* peer,
                            const Status& why) {
      const std::lock_guard lock(mutex_);
      refusals_.push_back((peer == nullptr ? "?" : peer->name) + " " + what + " " +
                          CodeName(why.code()));
    };
    const TestIdentity server = MakeServer(ca_, now_);
    HttpsServerOptions options{"127.0.0.1", 0, server.chain_pem, server.key_pem, ca_.cert_pem(),
                               mode,        2};
    server_ = HttpsServer::Start(options, std::move(checks), std::move(router), events_).value();
  }

  Answer Get(const TestIdentity* who, const std::string& path,
             std::vector<std::string> headers = {}) {
    return Ask(server_->port(), ca_.cert_pem(), who, {"GET", path, std::move(headers), "", 0});
  }
  Answer Put(const std::string& path, const std::string& body,
             std::vector<std::string> headers = {}) {
    return Ask(server_->port(), ca_.cert_pem(), &operator_,
               {"PUT", path, std::move(headers), body, 0});
  }

  TempDir folder_;
  OsDurableFs fs_;
  Time now_;
  security::CertificateAuthority ca_;
  TestIdentity operator_;
  TestIdentity device_;
  controller::BlobRepository blobs_;
  ArtifactCounters counters_;
  EventHub events_;
  std::mutex mutex_;
  std::string revoked_;
  std::atomic<bool> watched_ = false;
  std::vector<std::string> refusals_;
  std::unique_ptr<HttpsServer> server_;
};

TEST_F(HttpsServerTest, GivesNothingWithoutACertificateWhereOneIsRequired) {
  Start(ClientCertificate::kRequired);
  EXPECT_FALSE(Get(nullptr, "/targets/models-pump/aa.model").connected);
}

TEST_F(HttpsServerTest, GivesNothingToACertificateOfAnotherAuthority) {
  Start(ClientCertificate::kRequired);
  const auto other =
      security::CertificateAuthority::Create("other", now_, security::kAuthorityLife).value();
  const TestIdentity stranger = MakeDevice(other, "pump-1", now_);
  EXPECT_FALSE(Get(&stranger, "/targets/models-pump/aa.model").connected);
}

TEST_F(HttpsServerTest, GivesNothingToARevokedCertificate) {
  Start(ClientCertificate::kRequired);
  EXPECT_EQ(Get(&device_, "/targets/models-pump/aa.model").status, 200);
  revoked_ = device_.serial_hex;
  const Answer answer = Get(&device_, "/targets/models-pump/aa.model");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body.find("0123456789"), std::string::npos);
}

TEST_F(HttpsServerTest, KeepsTheRoutesOfDevicesAndOperatorsApart) {
  Start(ClientCertificate::kOptional);
  EXPECT_EQ(Get(&operator_, "/targets/models-pump/aa.model").status, 403);
  EXPECT_EQ(Ask(server_->port(), ca_.cert_pem(), &device_,
                {"HEAD", "/artifacts/" + std::string(64, 'a'), {}, "", 0})
                .status,
            403);
}

TEST_F(HttpsServerTest, ServesRangesAndEntityTags) {
  Start(ClientCertificate::kRequired);
  const Answer whole = Get(&device_, "/targets/models-pump/aa.model");
  EXPECT_EQ(whole.body, "0123456789");
  const Answer part = Get(&device_, "/targets/models-pump/aa.model", {"Range: bytes=3-5"});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "345");
  EXPECT_EQ(part.headers.at("content-range"), "bytes 3-5/10");
  EXPECT_EQ(Get(&device_, "/targets/models-pump/aa.model", {"Range: bytes=10-"}).status, 416);
  const std::string etag = whole.headers.at("etag");
  EXPECT_EQ(Get(&device_, "/targets/models-pump/aa.model", {"If-None-Match: " + etag}).status, 304);
  EXPECT_EQ(
      Get(&device_, "/targets/models-pump/aa.model", {"Range: bytes=3-5", "If-Range: \"old\""})
          .body,
      "0123456789");
  EXPECT_EQ(counters_.target_bytes, 23U);
}

TEST_F(HttpsServerTest, NeverLeavesTheRepository) {
  Start(ClientCertificate::kRequired);
  for (const char* path :
       {"/targets/../secret", "/targets/models-pump/../../secret", "/metadata/../secret",
        "/targets//secret", "/targets/.hidden", "/targets/", "/secret"}) {
    const Answer answer = Get(&device_, path);
    EXPECT_GE(answer.status, 400) << path;
    EXPECT_EQ(answer.body.find("not for anyone"), std::string::npos) << path;
  }
}

TEST_F(HttpsServerTest, TakesAnUploadInPartsAndChecksItsDigest) {
  Start(ClientCertificate::kOptional);
  const std::string content(300'000, 'm');
  const std::string path = "/artifacts/" + security::Sha256(AsBytes(content)).ToHex();
  EXPECT_EQ(Put(path, content.substr(0, 100'000), {"Content-Range: bytes 0-99999/300000"}).status,
            202);
  const Answer where = Ask(server_->port(), ca_.cert_pem(), &operator_, {"HEAD", path, {}, "", 0});
  EXPECT_EQ(where.headers.at("upload-offset"), "100000");
  EXPECT_EQ(where.headers.at("upload-complete"), "?0");
  EXPECT_EQ(
      Put(path, content.substr(200'000), {"Content-Range: bytes 200000-299999/300000"}).status,
      409);
  EXPECT_EQ(
      Put(path, content.substr(100'000), {"Content-Range: bytes 100000-299999/300000"}).status,
      201);
  EXPECT_EQ(Put(path, content).status, 201) << "again is the same";
  EXPECT_EQ(Ask(server_->port(), ca_.cert_pem(), &operator_, {"HEAD", path, {}, "", 0})
                .headers.at("upload-complete"),
            "?1");
}

TEST_F(HttpsServerTest, ChecksAnUploadThatWasCutBetweenItsLastByteAndItsCheck) {
  Start(ClientCertificate::kOptional);
  for (const std::string content : {"right", "wrong"}) {
    const Digest digest = security::Sha256(AsBytes("right"));
    ASSERT_TRUE(blobs_.Append(digest, 0, AsBytes(content)).ok());
    EXPECT_EQ(Put("/artifacts/" + digest.ToHex(), "right").status, 201) << content;
    std::filesystem::remove(blobs_.Path(digest));
  }
}

TEST_F(HttpsServerTest, RefusesAnUploadThatIsNotWhatItSays) {
  Start(ClientCertificate::kOptional);
  const std::string path = "/artifacts/" + security::Sha256(AsBytes("right")).ToHex();
  EXPECT_EQ(Put(path, "wrong").status, 422);
  EXPECT_EQ(Put(path, "right").status, 201);
  EXPECT_EQ(Put("/artifacts/" + std::string(64, 'A'), "x").status, 400);
  EXPECT_EQ(Put(path.substr(0, 20), "x").status, 400);
  EXPECT_EQ(
      Put("/artifacts/" + std::string(64, 'a'), "x", {"Content-Range: bytes 0-0/99999999"}).status,
      507);
}

TEST_F(HttpsServerTest, StreamsEventsToWhoListens) {
  Start(ClientCertificate::kOptional);
  std::jthread publisher([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      events_.Publish("tick", "{\"n\":1}");
      std::this_thread::yield();
    }
  });
  const Answer answer =
      Ask(server_->port(), ca_.cert_pem(), nullptr, {"GET", "/events", {}, "", 64});
  EXPECT_NE(answer.body.find("event: tick\ndata: {\"n\":1}"), std::string::npos) << answer.body;
}

TEST_F(HttpsServerTest, EndsAStreamOnceItsListenersCertificateIsRevoked) {
  Start(ClientCertificate::kOptional);
  std::jthread publisher([this](const std::stop_token& stop) {
    for (int n = 0; !stop.stop_requested(); n += watched_ ? 1 : 0) {
      events_.Publish("tick", "{\"n\":1}");
      if (n == 100) {
        const std::lock_guard lock(mutex_);
        revoked_ = operator_.serial_hex;
      }
      std::this_thread::yield();
    }
  });
  // Ends by itself: the client waits for ever.
  const Answer answer =
      Ask(server_->port(), ca_.cert_pem(), &operator_, {"GET", "/watch", {}, "", 0});
  EXPECT_FALSE(answer.connected && answer.status != 200) << answer.status;
}

TEST_F(HttpsServerTest, TellsItsOwnerWhomItRefused) {
  Start(ClientCertificate::kOptional);
  EXPECT_EQ(Get(&operator_, "/targets/models-pump/aa.model").status, 403);
  EXPECT_EQ(Get(nullptr, "/targets/models-pump/aa.model").status, 401);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(refusals_, (std::vector<std::string>{"alice GET /targets/ PERMISSION_DENIED",
                                                 "? GET /targets/ UNAUTHENTICATED"}));
}

TEST_F(HttpsServerTest, LimitsBodiesAndSaysWhoAsked) {
  Start(ClientCertificate::kOptional);
  const auto post = [&](const std::string& body) {
    return Ask(server_->port(), ca_.cert_pem(), &operator_, {"POST", "/echo", {}, body, 0});
  };
  EXPECT_EQ(post("hello").body, "alice:hello");
  EXPECT_EQ(post(std::string(65 << 10, 'x')).status, 507);
  EXPECT_EQ(Ask(server_->port(), ca_.cert_pem(), nullptr, {"POST", "/echo", {}, "x", 0}).status,
            401);
}

TEST_F(HttpsServerTest, ServesThePageToAnyoneWithAStrictPolicy) {
  Start(ClientCertificate::kOptional);
  const Answer page = Get(nullptr, "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("<title>Flotilla</title>"), std::string::npos);
  EXPECT_NE(page.headers.at("content-security-policy").find("default-src 'self'"),
            std::string::npos);
  EXPECT_EQ(Get(nullptr, "/app.js").headers.at("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(Get(nullptr, "/nothing-here").status, 404);
}

}  // namespace
}  // namespace flotilla::http
