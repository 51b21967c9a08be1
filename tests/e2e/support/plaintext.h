// What the tap of a program wrote down (tests/e2e/tap/plaintext_tap.cc).
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_PLAINTEXT_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_PLAINTEXT_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/support/http2_streams.h"

namespace flotilla::e2e {

struct TlsConnection {
  std::string written;
  std::string read;
};

struct Plaintext {
  // By their number, in the order in which they were first used.
  std::map<std::uint32_t, TlsConnection> connections;
  // All that was ever written to a file, one write after the other, whatever became of the file.
  std::map<std::string, std::string> files;
  // Messages from the engine, EngineEvent each.
  std::vector<std::string> engine_events;
};

// As far as it was written; empty while there is no such file.
Plaintext ReadPlaintext(const std::filesystem::path& tap);

// One call of gRPC as the client made it.
struct GrpcCall {
  Http2Stream stream;
  // "/flotilla.v1.MetricsService/Upload"
  std::string method;
  std::vector<std::string> messages;
};

// In the order in which they began on each connection. What is no readable HTTP/2 has none.
std::vector<GrpcCall> CallsIn(const Plaintext& plaintext);
std::size_t CountCalls(const Plaintext& plaintext, std::string_view method);
// Heads of HTTP/1.1 requests: "GET /..." to the empty line, each.
std::vector<std::string> HttpRequestsIn(const Plaintext& plaintext);

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_PLAINTEXT_H_
