#include "engine/worker/http_text.h"

#include <array>
#include <charconv>

namespace flotilla::engine {
namespace {

std::string_view ReasonPhrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

std::string_view ConnectionHeader(After after) {
  return after == After::kKeep ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
}

}  // namespace

std::string WholeReply(const HttpReply& reply, After after) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  text += ReasonPhrase(reply.status);
  text += "\r\nContent-Type: " + reply.content_type + "\r\n";
  text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  if (reply.retry_after != 0) {
    text += "Retry-After: " + std::to_string(reply.retry_after) + "\r\n";
  }
  text += ConnectionHeader(after);
  return text + "\r\n" + reply.body;
}

std::string StreamHead(HttpVersion version, After after) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
  text += "Cache-Control: no-cache\r\n";
  if (version == HttpVersion::k11) {
    text += "Transfer-Encoding: chunked\r\n";
  }
  text += ConnectionHeader(version == HttpVersion::k11 ? after : After::kClose);
  return text + "\r\n";
}

std::string StreamPart(HttpVersion version, std::string_view part) {
  if (version != HttpVersion::k11 || part.empty()) {
    return std::string(part);
  }
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), part.size(), 16);
  std::string text(digits.data(), end.ptr);
  text += "\r\n";
  text += part;
  return text + "\r\n";
}

std::string StreamEnd(HttpVersion version) {
  return version == HttpVersion::k11 ? "0\r\n\r\n" : "";
}

std::string ForwardedRequest(const HttpRequest& request) {
  std::string text = request.method + " " + request.path + " HTTP/1.1\r\n";
  text += "Host: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n";
  text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  return text + request.body;
}

}  // namespace flotilla::engine
