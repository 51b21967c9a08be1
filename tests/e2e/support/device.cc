#include "tests/e2e/support/device.h"

#include <signal.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "tests/e2e/support/http.h"

namespace flotilla::e2e {
namespace {

// Of the package faketime, whatever the machine's architecture.
StatusOr<std::string> FakeTimeLibrary() {
  std::error_code error;
  std::filesystem::directory_iterator folders("/usr/lib", error);
  for (; !error && folders != std::filesystem::directory_iterator(); folders.increment(error)) {
    const std::filesystem::path library = folders->path() / "faketime/libfaketimeMT.so.1";
    std::error_code missing;
    if (std::filesystem::exists(library, missing)) {
      return library.string();
    }
  }
  return NotFound("libfaketimeMT.so.1: install the package faketime");
}

}  // namespace

Device::Device(std::string name, std::filesystem::path folder)
    : name_(std::move(name)), folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
}

Status Device::Start() {
  Command command = {program_.empty() ? FLOTILLA_BIN_DIR "/flotilla-agent" : program_, "run",
                     "--config", config_file().string()};
  if (!working_folder_.empty()) {
    command.insert(command.begin(), {"env", "--chdir=" + working_folder_.string()});
  }
  Environment environment = environment_;
  if (!clock_.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string library, FakeTimeLibrary());
    environment.insert(
        environment.end(),
        {"LD_PRELOAD=" + library, "FAKETIME=@" + clock_, "FAKETIME_DONT_FAKE_MONOTONIC=1",
         "DONT_FAKE_MONOTONIC=1", "ASAN_OPTIONS=verify_asan_link_order=0"});
  }
  FLOTILLA_ASSIGN_OR_RETURN(process_, Process::Start(command, log_file(), environment));
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
