#include "tests/support/soft_tpm.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "base/unique_fd.h"
#include "tests/support/tool.h"

namespace flotilla {
namespace {

// The file of a socket is there before anybody listens on it.
bool Listens(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* raw = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  return ::connect(client.get(), raw, sizeof address) == 0;
}

}  // namespace

SoftTpm::~SoftTpm() {
  Stop();
}

void SoftTpm::Stop() {
  EndTool(std::exchange(pid_, 0));
}

Status SoftTpm::Start() {
  const std::string socket = (folder_.path() / "tpm").string();
  FLOTILLA_ASSIGN_OR_RETURN(
      pid_,
      StartTool({"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + folder_.path().string(),
                 "--server", "type=unixio,path=" + socket, "--ctrl",
                 "type=unixio,path=" + socket + ".ctrl", "--flags", "not-need-init,startup-clear"},
                "swtpm"));
  for (int i = 0; i < 1000; ++i) {
    if (Listens(socket + ".ctrl") && Listens(socket)) {
      return OkStatus();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return Unavailable("swtpm does not start");
}

}  // namespace flotilla
