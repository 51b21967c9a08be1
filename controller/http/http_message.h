// What a route sees of HTTP: plain data, no library's types.
#ifndef FLOTILLA_CONTROLLER_HTTP_HTTP_MESSAGE_H_
#define FLOTILLA_CONTROLLER_HTTP_HTTP_MESSAGE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "security/x509/peer.h"

namespace flotilla::http {

struct Request {
  std::string method;                          // "GET"
  std::string path;                            // before '?', not decoded
  std::map<std::string, std::string> query;    // decoded; a later value wins
  std::map<std::string, std::string> headers;  // names in lower case; a later value wins
  std::string body;                            // empty where the route takes uploads
  std::optional<security::PeerIdentity> peer;  // of a verified, unrevoked client certificate

  // Empty when absent. `name` in lower case.
  std::string Header(const std::string& name) const;
  std::string Query(const std::string& name) const;
};

// Part of a file, sent in pieces.
struct FileSlice {
  std::filesystem::path path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Server-sent events: what came after `after_id`, then everything new until the client leaves.
struct EventStream {
  std::uint64_t after_id = 0;
};

struct Response {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::variant<std::string, FileSlice, EventStream> body = std::string();
};

// Call once, from any thread.
using Responder = std::function<void(Response)>;
using Handler = std::function<void(const Request&, Responder)>;

// Takes a request body piece by piece, in order; calls may block on the disk.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual Status Write(ByteView piece) = 0;
  // After the last piece.
  virtual Response Finish() = 0;

 protected:
  BodySink() = default;
  BodySink(const BodySink&) = default;
  BodySink& operator=(const BodySink&) = default;
};
// A refusal is answered as ProblemResponse and the connection closed.
using UploadHandler = std::function<StatusOr<std::unique_ptr<BodySink>>(const Request&)>;

Response TextResponse(unsigned status, std::string content_type, std::string body);
// RFC 9457 problem document with the status that fits the code, the typed reason by name and
// number.
Response ProblemResponse(const Status& status);
unsigned HttpStatusOf(StatusCode code);

// "/a%20b" -> "/a b"; nullopt for a broken escape or a zero byte.
std::optional<std::string> PercentDecode(std::string_view text);
// "a=1&b=2". Broken pairs are left out.
std::map<std::string, std::string> ParseQuery(std::string_view text);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_HTTP_MESSAGE_H_
