#include "agent/engine/engine_supervisor.h"

#include <utility>
#include <vector>

#include "agent/engine/line_engines.h"
#include "base/log.h"

namespace flotilla::agent {

EngineSupervisor::EngineSupervisor(const LineMachineOptions& options, Parts parts)
    : options_(options), parts_(std::move(parts)), answers_(parts_.clock) {}

EngineSupervisor::~EngineSupervisor() = default;

LineEngines& EngineSupervisor::Of(const std::string& line) {
  std::unique_ptr<LineEngines>& engines = lines_[line];
  if (engines != nullptr) {
    return *engines;
  }
  engines = std::make_unique<LineEngines>(line, options_, parts_, [this] { AnswerForRefusing(); });
  LineEngines& made = *engines;
  // Engines that serve already cannot forward requests to a line they do not know.
  if (const StatusOr<int> socket = parts_.sockets.LineFd(line); !socket.ok()) {
    LogStatus(LogLevel::kError, "engine.no_line_socket", socket.status());
  }
  for (const auto& [name, other] : lines_) {
    if (name != line) {
      other->Renew();
    }
  }
  return made;
}

void EngineSupervisor::AnswerForRefusing() {
  std::vector<Refusal> refusals;
  bool all = true;
  v1::FailureReason cause = v1::FAILURE_REASON_UNSPECIFIED;
  for (const auto& [line, engines] : lines_) {
    all = all && engines->refuses();
    if (const StatusOr<int> socket = parts_.sockets.LineFd(line);
        socket.ok() && engines->refuses()) {
      cause = engines->cause();
      refusals.push_back({*socket, cause});
    }
  }
  if (all) {
    refusals.push_back({parts_.sockets.tcp_fd(), cause});
  }
  if (const Status status = answers_.Serve(refusals); !status.ok()) {
    LogStatus(LogLevel::kError, "engine.no_safe_mode_answers", status);
  }
}

void EngineSupervisor::Run(const std::string& line, const v1::ActiveRecord& active,
                           const TrialTerms& terms, EngineListener& listener) {
  Of(line).Run(active, terms, listener);
}

void EngineSupervisor::Stop(const std::string& line, const v1::InstalledRelease& release,
                            StandIn stand_in, v1::FailureReason cause, EngineListener& listener) {
  Of(line).Stop(release, stand_in, cause, listener);
}

void EngineSupervisor::EndDraining(const std::string& line, EngineListener& listener) {
  Of(line).EndDraining(listener);
}

void EngineSupervisor::EnterSafeMode(const std::string& line, v1::FailureReason cause) {
  Of(line).EnterSafeMode(cause);
}

void EngineSupervisor::Park(const std::string& line, std::function<void()> done) {
  Of(line).Park(std::move(done));
}

void EngineSupervisor::Unpark(const std::string& line) {
  Of(line).Unpark();
}

v1::Condition EngineSupervisor::EngineConditions() const {
  v1::Condition condition;
  for (const auto& [line, engines] : lines_) {
    *condition.add_lines() = engines->Condition();
  }
  return condition;
}

}  // namespace flotilla::agent
