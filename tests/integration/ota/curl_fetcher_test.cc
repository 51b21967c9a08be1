#include "ota/fetch/curl_fetcher.h"

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "tests/support/scripted_http_server.h"

namespace flotilla::ota {
namespace {

std::string Answer(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

struct Got {
  Status status;
  std::string bytes;
};

Got Ask(const std::string& answer, const BlobRange& range,
        const std::stop_token& stop = std::stop_token()) {
  const ScriptedHttpServer server([&](const std::string&) { return answer; });
  CurlFetcherOptions options;
  options.metadata_url = server.url();
  options.targets_url = server.url();
  options.protocols = "http";
  const auto fetcher = CurlFetcher::Create(options).value();
  Got got;
  got.status = fetcher->Fetch(
      range,
      [&](ByteView bytes) {
        got.bytes += ToText(bytes);
        return OkStatus();
      },
      stop);
  return got;
}

const BlobRange kPiece{"dir/x.bin", 4, 3, 10};
const BlobRange kWhole{"dir/x.bin", 0, 10, 10};

TEST(CurlFetcher, AsksForARangeAndTakesThe206) {
  std::string seen;
  const ScriptedHttpServer server([&](const std::string& head) {
    seen = head;
    return Answer("206 Partial Content", "Content-Range: bytes 4-6/10\r\n", "456");
  });
  CurlFetcherOptions options;
  options.metadata_url = server.url();
  options.targets_url = server.url() + "targets/";
  options.protocols = "http";
  std::string got;
  ASSERT_EQ(OkStatus(), CurlFetcher::Create(options).value()->Fetch(
                            kPiece,
                            [&](ByteView bytes) {
                              got += ToText(bytes);
                              return OkStatus();
                            },
                            std::stop_token()));
  EXPECT_EQ("456", got);
  EXPECT_TRUE(seen.starts_with("GET /targets/dir/x.bin HTTP/1.1\r\n")) << seen;
  EXPECT_NE(std::string::npos, seen.find("Range: bytes=4-6\r\n")) << seen;
}

TEST(CurlFetcher, SkipsToThePieceWhenTheServerIgnoresTheRange) {
  const Got got = Ask(Answer("200 OK", "", "0123456789"), kPiece);
  EXPECT_EQ(OkStatus(), got.status);
  EXPECT_EQ("456", got.bytes);
}

TEST(CurlFetcher, GivesEachRefusalItsReason) {
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_RANGE_UNSUPPORTED,
            ReasonNumber(Ask(Answer("416 Range Not Satisfiable", "", ""), kPiece).status));
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_NOT_FOUND,
            ReasonNumber(Ask(Answer("404 Not Found", "", "no"), kPiece).status));
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_HTTP_STATUS,
            ReasonNumber(Ask(Answer("503 Busy", "", ""), kPiece).status));
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH,
            ReasonNumber(Ask(Answer("200 OK", "", "01234567890"), kWhole).status));
}

TEST(CurlFetcher, CutsABodyThatGoesOnBehindItsEnd) {
  const Got got =
      Ask("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(5000, 'x'), kWhole);
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TOO_LARGE, ReasonNumber(got.status));
  EXPECT_LE(got.bytes.size(), 10U);
}

TEST(CurlFetcher, KeepsWhatCameBeforeATruncatedBodyEnded) {
  const Got got =
      Ask("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n01234", kWhole);
  EXPECT_EQ(StatusCode::kUnavailable, got.status.code());
  EXPECT_EQ("01234", got.bytes);
}

TEST(CurlFetcher, FollowsNoMoreThanThreeRedirectsAndNoOtherProtocol) {
  std::atomic<int> requests = 0;
  const ScriptedHttpServer server([&](const std::string&) {
    ++requests;
    return Answer("302 Found", "Location: /again\r\n", "");
  });
  CurlFetcherOptions options;
  options.metadata_url = server.url();
  options.targets_url = server.url();
  options.protocols = "http";
  const auto fetcher = CurlFetcher::Create(options).value();
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_REDIRECT,
            ReasonNumber(fetcher->Fetch("timestamp.json", 100).status()));
  EXPECT_EQ(4, requests);
  EXPECT_EQ(
      v1::FAILURE_REASON_FETCH_REDIRECT,
      ReasonNumber(Ask(Answer("302 Found", "Location: ftp://127.0.0.1/x\r\n", ""), kWhole).status));
}

TEST(CurlFetcher, UsesHttpsAloneByDefault) {
  CurlFetcherOptions options;
  options.metadata_url = "http://127.0.0.1:1/";
  options.targets_url = "http://127.0.0.1:1/";
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_REDIRECT,
            ReasonNumber(CurlFetcher::Create(options).value()->Fetch("x", 10).status()));
}

TEST(CurlFetcher, CutsMetadataAtItsLimit) {
  const ScriptedHttpServer server(
      [](const std::string&) { return Answer("200 OK", "", std::string(101, '{')); });
  CurlFetcherOptions options;
  options.metadata_url = server.url();
  options.targets_url = server.url();
  options.protocols = "http";
  const auto fetcher = CurlFetcher::Create(options).value();
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TOO_LARGE, ReasonNumber(fetcher->Fetch("a", 100).status()));
  EXPECT_EQ(101U, fetcher->Fetch("a", 101)->size());
}

TEST(CurlFetcher, IsUnavailableWhenNobodyListensAndCancelledWhenStopped) {
  CurlFetcherOptions options;
  options.metadata_url = "http://127.0.0.1:1/";
  options.targets_url = "http://127.0.0.1:1/";
  options.protocols = "http";
  const Status refused = CurlFetcher::Create(options).value()->Fetch("x", 10).status();
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_CONNECT, ReasonNumber(refused));
  EXPECT_EQ(StatusCode::kUnavailable, refused.code());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(StatusCode::kCancelled,
            Ask(Answer("200 OK", "", "0123456789"), kWhole, stop.get_token()).status.code());
}

}  // namespace
}  // namespace flotilla::ota
