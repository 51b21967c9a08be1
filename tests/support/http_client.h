// A small blocking HTTP/1.1 client for tests, and sockets to listen on.
#ifndef FLOTILLA_TESTS_SUPPORT_HTTP_CLIENT_H_
#define FLOTILLA_TESTS_SUPPORT_HTTP_CLIENT_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla::test {

struct HttpAnswer {
  int status = 0;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  // Chunks already joined.
  std::string body;
};

// One connection. All calls block for at most 30 s and then answer DEADLINE_EXCEEDED; a connection
// that ends too early is UNAVAILABLE.
class HttpClient {
 public:
  static StatusOr<HttpClient> ConnectTcp(std::uint16_t port);
  static StatusOr<HttpClient> ConnectUnix(const std::string& path);
  explicit HttpClient(UniqueFd socket) : socket_(std::move(socket)) {}

  // Sends one request and reads the whole answer. `headers` are complete lines, "A: b\r\n".
  StatusOr<HttpAnswer> Exchange(const std::string& method, const std::string& path,
                                const std::string& body = "", const std::string& headers = "");
  Status SendRequest(const std::string& method, const std::string& path,
                     const std::string& body = "", const std::string& headers = "");
  Status SendText(const std::string& text);
  StatusOr<HttpAnswer> ReadAnswer();
  // What is there to read now or soon; empty at the end of the connection.
  StatusOr<std::string> ReadSome();

 private:
  Status Fill();
  StatusOr<std::string> TakeLine();
  StatusOr<std::string> TakeBytes(std::size_t count);
  StatusOr<std::string> TakeChunks();

  UniqueFd socket_;
  std::string input_;
};

// On 127.0.0.1, at a port that the kernel chooses.
StatusOr<std::pair<UniqueFd, std::uint16_t>> ListenTcp();
StatusOr<UniqueFd> ListenUnix(const std::string& path);

}  // namespace flotilla::test

#endif  // FLOTILLA_TESTS_SUPPORT_HTTP_CLIENT_H_
