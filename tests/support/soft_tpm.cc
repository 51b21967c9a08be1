#include "tests/support/soft_tpm.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/support/tool.h"

namespace flotilla {

SoftTpm::~SoftTpm() {
  EndTool(pid_);
}

Status SoftTpm::Start() {
  const std::string socket = (folder_.path() / "tpm").string();
  FLOTILLA_ASSIGN_OR_RETURN(
      pid_,
      StartTool({"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + folder_.path().string(),
                 "--server", "type=unixio,path=" + socket, "--ctrl",
                 "type=unixio,path=" + socket + ".ctrl", "--flags", "not-need-init,startup-clear"},
                "swtpm"));
  // Both sockets are there before it answers the first client.
  for (int i = 0; i < 1000; ++i) {
    if (std::filesystem::exists(socket) && std::filesystem::exists(socket + ".ctrl")) {
      return OkStatus();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return Unavailable("swtpm does not start");
}

}  // namespace flotilla
