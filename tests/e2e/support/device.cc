#include "tests/e2e/support/device.h"

#include <signal.h>

#include <filesystem>
#include <string>
#include <utility>

#include "tests/e2e/support/http.h"

namespace flotilla::e2e {

Device::Device(std::string name, std::filesystem::path folder)
    : name_(std::move(name)), folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
}

Status Device::Start() {
  FLOTILLA_ASSIGN_OR_RETURN(process_, Process::Start({FLOTILLA_BIN_DIR "/flotilla-agent", "run",
                                                      "--config", config_file().string()},
                                                     log_file()));
  return OkStatus();
}

void Device::Stop() {
  if (process_ != nullptr) {
    process_->Signal(SIGTERM);
    process_->Wait(absl::Seconds(10));
    process_.reset();
  }
}

std::string Device::Url() const {
  std::string endpoint = FileText(state_dir() / "endpoint");
  while (!endpoint.empty() && endpoint.back() == '\n') {
    endpoint.pop_back();
  }
  return endpoint.empty() ? endpoint : "http://" + endpoint;
}

std::string Device::Ask(const std::string& line, const std::string& question) const {
  HttpOptions options;
  options.body = ChatBody(line, question);
  return ChatAnswer(HttpCall(Url() + "/v1/chat/completions", options).body);
}

}  // namespace flotilla::e2e
