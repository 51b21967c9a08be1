#ifndef FLOTILLA_TESTS_INTEGRATION_OTA_SCRIPTED_HTTP_SERVER_H_
#define FLOTILLA_TESTS_INTEGRATION_OTA_SCRIPTED_HTTP_SERVER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "base/unique_fd.h"

namespace flotilla {

// Answers each request on a port of its own with the bytes the script returns, then closes the
// connection.
class ScriptedHttpServer {
 public:
  // `script` gets the request's head and runs on the server's thread.
  explicit ScriptedHttpServer(std::function<std::string(const std::string&)> script);
  ~ScriptedHttpServer();
  ScriptedHttpServer(const ScriptedHttpServer&) = delete;
  ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;

  // "http://127.0.0.1:PORT/".
  std::string url() const;

 private:
  void Serve();

  std::function<std::string(const std::string&)> script_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_INTEGRATION_OTA_SCRIPTED_HTTP_SERVER_H_
