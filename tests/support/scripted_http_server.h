#ifndef FLOTILLA_TESTS_SUPPORT_SCRIPTED_HTTP_SERVER_H_
#define FLOTILLA_TESTS_SUPPORT_SCRIPTED_HTTP_SERVER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/unique_fd.h"

namespace flotilla {

// The client at the other end of a connection.
class HttpPeer {
 public:
  explicit HttpPeer(int socket) : socket_(socket) {}
  // False once the client has gone.
  bool Send(std::string_view bytes) const;

 private:
  int socket_;
};

// Answers each request on a port of its own as the script says, then closes the connection. One
// connection at a time.
class ScriptedHttpServer {
 public:
  // Both get the request's head and run on the server's thread.
  using Answer = std::function<std::string(const std::string& head)>;
  using Script = std::function<void(const std::string& head, const HttpPeer& peer)>;

  explicit ScriptedHttpServer(Answer answer);
  explicit ScriptedHttpServer(Script script);
  ~ScriptedHttpServer();
  ScriptedHttpServer(const ScriptedHttpServer&) = delete;
  ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;

  // "http://127.0.0.1:PORT/".
  std::string url() const;

 private:
  void Serve();

  Script script_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// "/dir/x" of "GET /dir/x HTTP/1.1...", as it was sent; empty for another method.
std::string RequestedPath(const std::string& head);

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_SCRIPTED_HTTP_SERVER_H_
