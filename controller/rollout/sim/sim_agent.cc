#include "controller/rollout/sim/sim_agent.h"

namespace flotilla::rollout {
namespace {

constexpr Duration kAnswerLeast = absl::Seconds(1);
constexpr Duration kAnswerMost = absl::Seconds(10);
constexpr Duration kReturnLeast = absl::Seconds(30);
constexpr Duration kReturnMost = absl::Minutes(3);
// Self-test and start of the engine, before its trial.
constexpr double kEarliestFailure = 0.1;

}  // namespace

void SimAgent::Stop() {
  phase_ = Phase::kIdle;
  ++plan_;
}

std::optional<Duration> SimAgent::Tell(const Told& told, SimDraws& draws) {
  const bool before_staged = phase_ == Phase::kOffered || phase_ == Phase::kFetching;
  if (told.assignment == nullptr || told.of_baseline ||
      told.assignment->hold() != v1::HOLD_MODE_UNSPECIFIED) {
    if (before_staged) {
      Stop();
      attempt_ = 0;  // The bytes stay; it begins again when it is asked again.
    }
  }
  if (told.assignment == nullptr || phase_ != Phase::kIdle) {
    return std::nullopt;
  }
  if (told.of_baseline) {
    if (told.assignment->rollout_id().empty() || (returned_ && !runs_new_)) {
      return std::nullopt;
    }
    phase_ = Phase::kReturning;
    ++plan_;
    return draws.Between(kReturnLeast, kReturnMost);
  }
  if (runs_new_ || told.assignment->hold() != v1::HOLD_MODE_UNSPECIFIED ||
      told.assignment->attempt() == attempt_) {
    return std::nullopt;
  }
  attempt_ = told.assignment->attempt();
  phase_ = Phase::kOffered;
  ++plan_;
  return draws.Between(kAnswerLeast, kAnswerMost);
}

std::optional<Duration> SimAgent::Step(bool delivered, const SimFate& fate, const SimModel& model,
                                       double slowness, SimDraws& draws, Said& said) {
  switch (phase_) {
    case Phase::kOffered:
      said = {v1::DEPLOYMENT_STATE_ACCEPTED, v1::FAILURE_REASON_UNSPECIFIED, false};
      phase_ = Phase::kFetching;
      tried_ = true;
      return draws.Spread(model.download) * slowness;
    case Phase::kFetching:
      if (!delivered) {
        said = {v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE, v1::FAILURE_REASON_FETCH_HTTP_STATUS, false};
        Stop();
        return std::nullopt;
      }
      said = {v1::DEPLOYMENT_STATE_ACTIVATING, v1::FAILURE_REASON_UNSPECIFIED, false};
      phase_ = Phase::kTrial;
      fails_ = fate.fails && !fate.late;
      return fails_ ? draws.Between(model.trial * kEarliestFailure, model.trial) : model.trial;
    case Phase::kTrial:
      runs_new_ = !fails_;
      said = fails_ ? Said{v1::DEPLOYMENT_STATE_FAILED_REVERTED,
                           v1::FAILURE_REASON_INSTALL_SMOKE_FAILED, false}
                    : Said{v1::DEPLOYMENT_STATE_SUCCEEDED, v1::FAILURE_REASON_UNSPECIFIED, false};
      Stop();
      return std::nullopt;
    case Phase::kReturning:
      said = {v1::DEPLOYMENT_STATE_SUCCEEDED, v1::FAILURE_REASON_UNSPECIFIED, true};
      runs_new_ = false;
      returned_ = true;
      Stop();
      return std::nullopt;
    case Phase::kIdle:
      break;
  }
  said = {};
  return std::nullopt;
}

bool SimAgent::GoBad() {
  const bool ran = runs_new_ && phase_ == Phase::kIdle;
  runs_new_ = runs_new_ && !ran;
  return ran;
}

}  // namespace flotilla::rollout
