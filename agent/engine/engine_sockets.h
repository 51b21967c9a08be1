#ifndef FLOTILLA_AGENT_ENGINE_ENGINE_SOCKETS_H_
#define FLOTILLA_AGENT_ENGINE_ENGINE_SOCKETS_H_

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla::agent {

// The sockets that engines serve. They belong to the agent and stay open as long as it lives, so
// that no swap and no crash of an engine refuses a connection. One thread: the agent's loop.
class EngineSockets {
 public:
  // Listens on `listen` ("127.0.0.1:8080", "[::1]:0"; port 0 takes a free one). Sockets of lines
  // are made in `run_dir`. INVALID_ARGUMENT: not an address; else by errno (ALREADY_EXISTS in use).
  static StatusOr<std::unique_ptr<EngineSockets>> Open(const std::string& listen,
                                                       std::filesystem::path run_dir);

  int tcp_fd() const { return tcp_.get(); }
  // "127.0.0.1:43210".
  const std::string& endpoint() const { return endpoint_; }
  // The Unix socket on which the engine of `line` gets requests from engines of other lines; made
  // at the first call. INVALID_ARGUMENT: the path is longer than the system allows (107 bytes).
  StatusOr<int> LineFd(const std::string& line);
  // Line to path, of all lines that have a socket.
  std::map<std::string, std::string> Paths() const;

 private:
  EngineSockets(UniqueFd tcp, std::string endpoint, std::filesystem::path run_dir);

  UniqueFd tcp_;
  std::string endpoint_;
  const std::filesystem::path run_dir_;
  std::map<std::string, UniqueFd> lines_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_ENGINE_SOCKETS_H_
