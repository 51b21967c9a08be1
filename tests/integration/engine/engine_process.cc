#include "tests/integration/engine/engine_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::test {
namespace {

const Duration kPatience = absl::Seconds(60);

bool IsOfRequest(const v1::EngineEvent& event) {
  return event.has_request_done() || event.has_outcome();
}

}  // namespace

std::string DemoFile(const std::string& name) {
  return std::string(FLOTILLA_DEMO_DIR) + "/" + name;
}

UniqueFd OpenForReading(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::string Sha256Of(const std::string& path) {
  const StatusOr<Digest> digest = security::Sha256File(path);
  return digest.ok() ? ToText(digest->bytes()) : std::string();
}

StatusOr<EngineProcess> EngineProcess::Start() {
  FLOTILLA_ASSIGN_OR_RETURN(auto ends, engine::ControlChannel::Pair());
  constexpr int kControlFd = 3;
  const int theirs = ends.second.fd();
  const pid_t pid = ::fork();
  if (pid == 0) {
    const char* const program = FLOTILLA_ENGINE_BINARY;
    std::array<char*, 4> arguments = {const_cast<char*>(program), const_cast<char*>("--control-fd"),
                                      const_cast<char*>("3"), nullptr};
    if (theirs == kControlFd) {
      ::fcntl(theirs, F_SETFD, 0);
    } else {
      ::dup2(theirs, kControlFd);
    }
    ::execv(program, arguments.data());
    ::_exit(127);
  }
  if (pid < 0) {
    return Internal("fork failed");
  }
  return EngineProcess(std::move(ends.first), pid);
}

EngineProcess::EngineProcess(engine::ControlChannel channel, pid_t pid)
    : channel_(std::move(channel)), pid_(pid) {}

EngineProcess::EngineProcess(EngineProcess&& other) noexcept
    : channel_(std::move(other.channel_)), pid_(std::exchange(other.pid_, 0)) {}

EngineProcess& EngineProcess::operator=(EngineProcess&& other) noexcept {
  std::swap(channel_, other.channel_);
  std::swap(pid_, other.pid_);
  return *this;
}

EngineProcess::~EngineProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    WaitForExit();
  }
}

void EngineProcess::ReadToTheEnd() {
  while (channel_->Receive(kPatience).ok()) {
  }
}

int EngineProcess::WaitForExit() {
  int status = 0;
  if (::waitpid(std::exchange(pid_, 0), &status, 0) < 0) {
    return -1000;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Status EngineProcess::Send(const v1::EngineCommand& command, const std::vector<int>& descriptors) {
  return channel_->Send(command, descriptors);
}

StatusOr<v1::EngineEvent> EngineProcess::Receive() {
  FLOTILLA_ASSIGN_OR_RETURN(const auto message, channel_->Receive(kPatience));
  return engine::ParseAs<v1::EngineEvent>(message);
}

StatusOr<v1::EngineEvent> EngineProcess::NextEvent() {
  for (;;) {
    FLOTILLA_ASSIGN_OR_RETURN(auto event, Receive());
    if (event.has_failed()) {
      return WithReason(FailedPrecondition(event.failed().diagnostic()), event.failed().reason());
    }
    if (!event.has_stats() && !IsOfRequest(event)) {
      return event;
    }
  }
}

StatusOr<v1::EngineStats> EngineProcess::NextStats() {
  for (;;) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto event, Receive());
    if (event.has_stats()) {
      return event.stats();
    }
  }
}

StatusOr<v1::EngineEvent> EngineProcess::NextOfRequest() {
  for (;;) {
    FLOTILLA_ASSIGN_OR_RETURN(auto event, Receive());
    if (IsOfRequest(event)) {
      return event;
    }
  }
}

StatusOr<v1::EngineLoaded> EngineProcess::Load(const std::string& line, const std::string& version,
                                               const std::string& model_path) {
  const UniqueFd model = OpenForReading(model_path);
  v1::EngineCommand command;
  command.mutable_load()->set_line(line);
  command.mutable_load()->set_model_id(line + "@" + version);
  command.mutable_load()->set_model_sha256(Sha256Of(model_path));
  FLOTILLA_RETURN_IF_ERROR(Send(command, {model.get()}));
  FLOTILLA_ASSIGN_OR_RETURN(const auto event, NextEvent());
  return event.loaded();
}

StatusOr<v1::EngineSelfTestDone> EngineProcess::SelfTest(const std::string& golden_path) {
  const UniqueFd golden = OpenForReading(golden_path);
  v1::EngineCommand command;
  command.mutable_self_test()->set_timeout_ms(60'000);
  FLOTILLA_RETURN_IF_ERROR(Send(command, {golden.get()}));
  FLOTILLA_ASSIGN_OR_RETURN(const auto event, NextEvent());
  return event.self_test_done();
}

Status EngineProcess::Serve(const std::vector<int>& tcp, int sibling,
                            const std::map<std::string, std::string>& sibling_sockets) {
  v1::EngineCommand command;
  command.mutable_serve()->set_tcp_listeners(static_cast<std::uint32_t>(tcp.size()));
  command.mutable_serve()->mutable_sibling_sockets()->insert(sibling_sockets.begin(),
                                                             sibling_sockets.end());
  std::vector<int> descriptors = tcp;
  descriptors.push_back(sibling);
  FLOTILLA_RETURN_IF_ERROR(Send(command, descriptors));
  FLOTILLA_ASSIGN_OR_RETURN(const auto event, NextEvent());
  return event.has_serving() ? OkStatus() : Internal("another event");
}

Status EngineProcess::Drain(Duration grace) {
  v1::EngineCommand command;
  command.mutable_drain()->set_grace_ms(
      static_cast<std::uint32_t>(absl::ToInt64Milliseconds(grace)));
  return Send(command, {});
}

}  // namespace flotilla::test
