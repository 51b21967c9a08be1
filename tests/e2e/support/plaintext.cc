#include "tests/e2e/support/plaintext.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/e2e/support/process.h"

namespace flotilla::e2e {
namespace {

constexpr std::size_t kRecordHead = 9;

std::uint32_t Number(const char* bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

void Take(char kind, std::uint32_t connection, std::string_view content, Plaintext& plaintext) {
  switch (kind) {
    case 'W':
      plaintext.connections[connection].written += content;
      break;
    case 'R':
      plaintext.connections[connection].read += content;
      break;
    case 'E':
      plaintext.engine_events.emplace_back(content);
      break;
    default: {
      const std::size_t end = content.find('\0');
      plaintext.files[std::string(content.substr(0, end))] += content.substr(end + 1);
    }
  }
}

}  // namespace

Plaintext ReadPlaintext(const std::filesystem::path& tap) {
  const std::string bytes = FileText(tap);
  Plaintext plaintext;
  std::size_t at = 0;
  while (at + kRecordHead <= bytes.size()) {
    const std::size_t size = Number(&bytes[at + 5]);
    if (at + kRecordHead + size > bytes.size()) {
      break;
    }
    Take(bytes[at], Number(&bytes[at + 1]), std::string_view(bytes).substr(at + kRecordHead, size),
         plaintext);
    at += kRecordHead + size;
  }
  return plaintext;
}

std::vector<GrpcCall> CallsIn(const Plaintext& plaintext) {
  std::vector<GrpcCall> calls;
  for (const auto& [number, connection] : plaintext.connections) {
    auto streams = ReadHttp2(connection.written);
    if (!streams.ok()) {
      continue;
    }
    for (auto& [id, stream] : *streams) {
      const std::string method = stream.Header(":path");
      if (id != 0 && !method.empty()) {
        std::vector<std::string> messages = GrpcMessages(stream.data);
        calls.push_back({std::move(stream), method, std::move(messages)});
      }
    }
  }
  return calls;
}

std::size_t CountCalls(const Plaintext& plaintext, std::string_view method) {
  const std::vector<GrpcCall> calls = CallsIn(plaintext);
  return static_cast<std::size_t>(std::count_if(
      calls.begin(), calls.end(), [&](const GrpcCall& call) { return call.method == method; }));
}

std::vector<std::string> HttpRequestsIn(const Plaintext& plaintext) {
  std::vector<std::string> requests;
  for (const auto& [number, connection] : plaintext.connections) {
    if (BeginsHttp2(connection.written)) {
      continue;
    }
    std::string_view rest = connection.written;
    for (std::size_t end = rest.find("\r\n\r\n"); end != std::string_view::npos;
         end = rest.find("\r\n\r\n")) {
      requests.emplace_back(rest.substr(0, end + 4));
      rest.remove_prefix(end + 4);
    }
  }
  return requests;
}

}  // namespace flotilla::e2e
