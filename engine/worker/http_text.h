// The text of HTTP/1.1 answers.
#ifndef FLOTILLA_ENGINE_WORKER_HTTP_TEXT_H_
#define FLOTILLA_ENGINE_WORKER_HTTP_TEXT_H_

#include <string>
#include <string_view>

namespace flotilla::engine {

// What becomes of the connection after an answer.
enum class After { kUnspecified = 0, kKeep, kClose };

enum class HttpVersion { kUnspecified = 0, k10, k11 };

// A request as the handler sees it.
struct HttpRequest {
  HttpVersion version = HttpVersion::k11;
  std::string method;
  // Without the query.
  std::string path;
  std::string body;
  // What the client wishes for the connection.
  After after = After::kKeep;
};

struct HttpReply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  // Seconds; 0: none.
  unsigned retry_after = 0;
};

// Head and body.
std::string WholeReply(const HttpReply& reply, After after);
// The head of an event stream; its body is chunked for HTTP/1.1, else it ends with the connection.
std::string StreamHead(HttpVersion version, After after);
std::string StreamPart(HttpVersion version, std::string_view part);
std::string StreamEnd(HttpVersion version);
// The same request for a sibling engine, on a connection that it closes after the answer.
std::string ForwardedRequest(const HttpRequest& request);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_HTTP_TEXT_H_
