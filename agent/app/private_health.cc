#include "agent/app/private_health.h"

#include <optional>
#include <utility>

#include "agent/health/health_paths.h"
#include "agent/health/kept_windows.h"
#include "agent/health/owners_rules.h"
#include "agent/health/release_memory.h"
#include "agent/health/reporting_key.h"
#include "base/log.h"

namespace flotilla::agent {

PrivateHealth::PrivateHealth(const config::v1::AgentConfig& config, const Parts& parts)
    : parts_(parts),
      guess_(parts.trust_clock),
      sampler_(guess_, LoadReleaseMemory(ReleaseMemoryPath(config.state_dir())),
               LoadKeptWindows(KeptWindowsPath(config.state_dir()))) {
  if (parts_.client == nullptr) {
    return;
  }
  if (const Status assembled = Assemble(config); !assembled.ok()) {
    LogStatus(LogLevel::kError, "health.silent", assembled);
  }
}

Status PrivateHealth::Assemble(const config::v1::AgentConfig& config) {
  const std::filesystem::path state_dir = config.state_dir();
  FLOTILLA_ASSIGN_OR_RETURN(key_, ReportingKey(parts_.fs, state_dir));
  ReporterOptions options;
  FLOTILLA_ASSIGN_OR_RETURN(options.tasks.rules, OwnersRulesOf(config.health()));
  if (options.tasks.rules.demo == DemoTasks::kAnswer) {
    options = ForDemonstrations(options);
  }
  if (!config.health().off() && !config.health().helper_identity().empty()) {
    StatusOr<security::PublicKey> helper =
        security::LoadPublicKey(config.health().helper_identity());
    if (helper.ok()) {
      options.tasks.helper_identity = *std::move(helper);
    } else {
      LogStatus(LogLevel::kError, "health.helper_identity_unreadable", helper.status());
    }
  }
  const auto ledger_time = [this]() -> std::optional<dp::LedgerTime> {
    const std::optional<Time> floor = parts_.trust_clock.VerifiedFloor();
    return floor.has_value() ? std::optional(dp::LedgerTime{parts_.clock.Now(), *floor})
                             : std::nullopt;
  };
  FLOTILLA_ASSIGN_OR_RETURN(
      reporter_, Reporter::Create(state_dir, options,
                                  {parts_.executor, guess_, parts_.random, parts_.fs, sampler_,
                                   parts_.sensors, *parts_.client, *key_, ledger_time}));
  return OkStatus();
}

void PrivateHealth::Start() {
  if (reporter_ != nullptr) {
    reporter_->Start();
  }
}

void PrivateHealth::OnSessionUp() {
  if (reporter_ != nullptr) {
    reporter_->OnSessionUp();
  }
}

void PrivateHealth::Stop() {
  if (reporter_ != nullptr) {
    reporter_->Stop();
  }
}

}  // namespace flotilla::agent
