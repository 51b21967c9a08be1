// The strict rules of HTTP against servers that break them. Times are shortened by the settings
// that exist for them.
#include <sys/socket.h>

#include <netinet/in.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/os_clock.h"
#include "base/unique_fd.h"
#include "ota/fetch/curl_fetcher.h"
#include "security/tuf/limits.h"
#include "tests/support/scripted_http_server.h"

namespace flotilla::ota {
namespace {

std::string Answer(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

CurlFetcherOptions OptionsFor(const std::string& url) {
  CurlFetcherOptions options;
  options.metadata_url = url;
  options.targets_url = url;
  options.protocols = "http";
  return options;
}

std::unique_ptr<CurlFetcher> FetcherFor(const CurlFetcherOptions& options) {
  return CurlFetcher::Create(options).value();
}

// Sends `piece` every `pause` until the client has gone.
void Drip(const HttpPeer& peer, const std::string& piece, std::chrono::milliseconds pause) {
  while (peer.Send(piece)) {
    std::this_thread::sleep_for(pause);
  }
}

const BlobRange kWhole{"x.bin", 0, 1000, 1000};
const BlobRange kPiece{"x.bin", 4, 3, 10};

struct Got {
  Status status;
  std::string bytes;
  Duration time;
};

Got Take(CurlFetcher& fetcher, const BlobRange& range) {
  Got got;
  const OsClock clock;
  const Duration begin = clock.Monotonic();
  got.status = fetcher.Fetch(
      range,
      [&](ByteView bytes) {
        got.bytes += ToText(bytes);
        return OkStatus();
      },
      std::stop_token());
  got.time = clock.Monotonic() - begin;
  return got;
}

TEST(CurlRules, HaveTheLimitsOfTheDesignByDefault) {
  const CurlFetcherOptions options;
  EXPECT_EQ("https", options.protocols);
  EXPECT_EQ(absl::Seconds(30), options.connect_timeout);
  EXPECT_EQ(absl::Seconds(300), options.metadata_deadline);
  EXPECT_EQ(1024U, options.metadata_least_rate);
  EXPECT_EQ(absl::Seconds(60), options.metadata_slow_time);
  EXPECT_EQ(4096U, options.targets_least_rate);
  EXPECT_EQ(absl::Seconds(120), options.targets_slow_time);
}

TEST(CurlRules, SendThePathAsItStands) {
  std::string path;
  const ScriptedHttpServer server(ScriptedHttpServer::Answer([&](const std::string& head) {
    path = RequestedPath(head);
    return Answer("200 OK", "", "{}");
  }));
  const auto fetcher = FetcherFor(OptionsFor(server.url() + "a%5Bb%5D/./../x/"));
  ASSERT_TRUE(fetcher->Fetch("1.%2E%2E%2Frole.json", 10).ok());
  EXPECT_EQ("/a%5Bb%5D/./../x/1.%2E%2E%2Frole.json", path);
}

TEST(CurlRules, AskOnceWhateverTheAnswer) {
  const std::pair<const char*, int> answers[] = {
      {"403 Forbidden", v1::FAILURE_REASON_FETCH_NOT_FOUND},
      {"404 Not Found", v1::FAILURE_REASON_FETCH_NOT_FOUND},
      {"401 Unauthorized", v1::FAILURE_REASON_FETCH_HTTP_STATUS},
      {"410 Gone", v1::FAILURE_REASON_FETCH_HTTP_STATUS},
      {"429 Too Many Requests", v1::FAILURE_REASON_FETCH_HTTP_STATUS},
      {"500 Internal Server Error", v1::FAILURE_REASON_FETCH_HTTP_STATUS},
      {"503 Service Unavailable", v1::FAILURE_REASON_FETCH_HTTP_STATUS}};
  for (const auto& answer : answers) {
    const std::string& status = answer.first;
    std::atomic<int> gets = 0;
    std::atomic<int> others = 0;
    const ScriptedHttpServer server(ScriptedHttpServer::Answer([&](const std::string& head) {
      ++(RequestedPath(head).empty() ? others : gets);
      return Answer(status, "Retry-After: 0\r\n", "sorry");
    }));
    const auto fetcher = FetcherFor(OptionsFor(server.url()));
    EXPECT_EQ(answer.second, ReasonNumber(fetcher->Fetch("timestamp.json", 100).status()))
        << status;
    EXPECT_EQ(1, gets) << status;
    EXPECT_EQ(0, others) << status;
  }
}

TEST(CurlRules, FollowThreeRedirectsAndNoFourth) {
  for (const int redirects : {tuf::kMaxRedirects, tuf::kMaxRedirects + 1}) {
    std::atomic<int> left = redirects;
    const ScriptedHttpServer server(ScriptedHttpServer::Answer([&](const std::string&) {
      return left-- > 0 ? Answer("302 Found", "Location: /again\r\n", "")
                        : Answer("200 OK", "", "{}");
    }));
    const auto got = FetcherFor(OptionsFor(server.url()))->Fetch("x", 100);
    EXPECT_EQ(redirects <= tuf::kMaxRedirects ? 0 : v1::FAILURE_REASON_FETCH_REDIRECT,
              ReasonNumber(got.status()))
        << redirects;
  }
}

TEST(CurlRules, FollowNoRedirectToAnotherProtocol) {
  for (const char* location : {"https://127.0.0.1:1/x", "ftp://127.0.0.1/x", "file:///etc/hosts"}) {
    const ScriptedHttpServer server(ScriptedHttpServer::Answer([&](const std::string&) {
      return Answer("302 Found", std::string("Location: ") + location + "\r\n", "");
    }));
    EXPECT_EQ(v1::FAILURE_REASON_FETCH_REDIRECT,
              ReasonNumber(FetcherFor(OptionsFor(server.url()))->Fetch("x", 100).status()))
        << location;
  }
}

TEST(CurlRules, GiveUpOnAServerThatDoesNotAccept) {
  // Nobody accepts, and the queue of the listener is full.
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(0, ::bind(listener.get(), raw, size));
  ASSERT_EQ(0, ::listen(listener.get(), 0));
  ASSERT_EQ(0, ::getsockname(listener.get(), raw, &size));
  std::vector<UniqueFd> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    std::ignore = ::connect(waiting.back().get(), raw, size);
  }
  CurlFetcherOptions options =
      OptionsFor("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/");
  options.connect_timeout = absl::Milliseconds(300);
  const Got got = Take(*FetcherFor(options), kWhole);
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_CONNECT, ReasonNumber(got.status)) << got.status;
  EXPECT_EQ(StatusCode::kUnavailable, got.status.code());
  EXPECT_LT(got.time, absl::Seconds(5));
}

TEST(CurlRules, GrantARefreshOneDeadlineForAllItsRequests) {
  std::atomic<int> requests = 0;
  const ScriptedHttpServer server(
      ScriptedHttpServer::Script([&](const std::string&, const HttpPeer& peer) {
        ++requests;
        peer.Send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        Drip(peer, std::string(2000, ' '), std::chrono::milliseconds(20));
      }));
  CurlFetcherOptions options = OptionsFor(server.url());
  options.metadata_deadline = absl::Milliseconds(400);
  const auto fetcher = FetcherFor(options);
  const Status first = fetcher->Fetch("2.root.json", 10'000'000).status();
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_DEADLINE, ReasonNumber(first)) << first;
  EXPECT_EQ(StatusCode::kDeadlineExceeded, first.code());
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_DEADLINE,
            ReasonNumber(fetcher->Fetch("timestamp.json", 10'000'000).status()));
  EXPECT_EQ(1, requests);  // the second was not even sent
  fetcher->StartRound();
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_DEADLINE,
            ReasonNumber(fetcher->Fetch("timestamp.json", 10'000'000).status()));
  EXPECT_EQ(2, requests);
}

TEST(CurlRules, LeaveAServerThatSendsAByteAtATime) {
  const ScriptedHttpServer server(
      ScriptedHttpServer::Script([](const std::string&, const HttpPeer& peer) {
        peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        Drip(peer, "x", std::chrono::milliseconds(100));
      }));
  CurlFetcherOptions options = OptionsFor(server.url());
  options.targets_slow_time = absl::Seconds(1);
  const Got target = Take(*FetcherFor(options), kWhole);
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TOO_SLOW, ReasonNumber(target.status)) << target.status;
  EXPECT_LT(target.time, absl::Seconds(6));
  options.metadata_slow_time = absl::Seconds(1);
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TOO_SLOW,
            ReasonNumber(FetcherFor(options)->Fetch("x", 1000).status()));
}

TEST(CurlRules, CutAnEndlessBodyAtItsLimit) {
  std::atomic<std::uint64_t> sent = 0;
  const ScriptedHttpServer server(
      ScriptedHttpServer::Script([&](const std::string&, const HttpPeer& peer) {
        peer.Send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        const std::string piece(4096, 'x');
        while (peer.Send(piece)) {
          sent += piece.size();
        }
      }));
  const auto fetcher = FetcherFor(OptionsFor(server.url()));
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TOO_LARGE,
            ReasonNumber(fetcher->Fetch("x", 100'000).status()));
  EXPECT_LT(sent, 16U << 20U);  // what the sockets hold, not what the server would like
  const Got got = Take(*fetcher, kWhole);
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TOO_LARGE, ReasonNumber(got.status));
  EXPECT_LE(got.bytes.size(), 1000U);
}

TEST(CurlRules, TakeHeadersOf64KibAndNoByteMore) {
  const std::string start = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n";
  for (const std::size_t over : {0U, 1U}) {
    std::string head = start;
    // Fields of at most 4,000 bytes, the last of what is left.
    const std::size_t wanted = tuf::kMaxResponseHeaderBytes + over - 2;
    while (head.size() < wanted) {
      const std::size_t left = wanted - head.size();
      const std::size_t line = left > 4100 ? 4000 : left;
      head += "X-A: " + std::string(line - 7, 'a') + "\r\n";
    }
    head += "\r\n";
    ASSERT_EQ(tuf::kMaxResponseHeaderBytes + over, head.size());
    const ScriptedHttpServer server(
        ScriptedHttpServer::Answer([&](const std::string&) { return head + "{}"; }));
    const auto got = FetcherFor(OptionsFor(server.url()))->Fetch("x", 100);
    EXPECT_EQ(over == 0 ? 0 : v1::FAILURE_REASON_FETCH_TOO_LARGE, ReasonNumber(got.status()))
        << got.status();
  }
}

TEST(CurlRules, TakeNoPieceButTheOneAskedFor) {
  for (const char* range : {"bytes 3-5/10", "bytes 4-7/10", "bytes 4-6/11", "bytes 6-4/10",
                            "bytes */10", "lines 4-6/10", "bytes 4-6", ""}) {
    const ScriptedHttpServer server(ScriptedHttpServer::Answer([&](const std::string&) {
      const std::string field =
          *range == '\0' ? "" : std::string("Content-Range: ") + range + "\r\n";
      return Answer("206 Partial Content", field, "456");
    }));
    const Got got = Take(*FetcherFor(OptionsFor(server.url())), kPiece);
    EXPECT_EQ(StatusCode::kDataLoss, got.status.code()) << range;
    EXPECT_EQ("", got.bytes) << range;
  }
}

TEST(CurlRules, DecodeNothing) {
  std::string asked;
  // The first bytes of a gzip stream that ends too early.
  const std::string gzip("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b", 11);
  const ScriptedHttpServer server(ScriptedHttpServer::Answer([&](const std::string& head) {
    asked = head;
    return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
           std::to_string(gzip.size()) + "\r\nConnection: close\r\n\r\n" + gzip;
  }));
  const auto got = FetcherFor(OptionsFor(server.url()))->Fetch("x", 100);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(gzip, ToText(*got));  // hashes and signatures are over these bytes, so they fail there
  EXPECT_EQ(std::string::npos, asked.find("Accept-Encoding"));
}

TEST(CurlRules, CallABodyThatEndsTooEarlyBroken) {
  const ScriptedHttpServer server(ScriptedHttpServer::Answer([](const std::string&) {
    return std::string(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100\r\n\r\n\x1f\x8b");
  }));
  const auto got = FetcherFor(OptionsFor(server.url()))->Fetch("x", 1000);
  EXPECT_EQ(StatusCode::kUnavailable, got.status().code()) << got.status();
}

TEST(CurlRules, CallNoAnswerAtAllBroken) {
  for (const char* bytes : {"", "\r\n", "not http at all\r\n\r\n", "HTTP/1.1 200"}) {
    const ScriptedHttpServer server(
        ScriptedHttpServer::Answer([&](const std::string&) { return std::string(bytes); }));
    EXPECT_EQ(StatusCode::kUnavailable,
              FetcherFor(OptionsFor(server.url()))->Fetch("x", 1000).status().code())
        << bytes;
  }
}

}  // namespace
}  // namespace flotilla::ota
