#include "controller/rollout/evidence.h"

#include "controller/rollout/outcome.h"

namespace flotilla::rollout {
namespace {

void Add(v1::DeploymentState state, std::uint32_t count, WaveEvidence& evidence) {
  switch (OutcomeOf(state)) {
    case Outcome::kOpen:
      evidence.open += count;
      evidence.attempted += IsAttempting(state) ? count : 0;
      break;
    case Outcome::kSuccess:
      evidence.succeeded += count;
      evidence.attempted += count;
      break;
    case Outcome::kQuality:
      evidence.quality_failures += count;
      evidence.attempted += count;
      evidence.bad += state == v1::DEPLOYMENT_STATE_LOST ? 0 : count;
      evidence.degraded += state == v1::DEPLOYMENT_STATE_FAILED_DEGRADED ? count : 0;
      break;
    case Outcome::kDelivery:
      evidence.delivery_failures += count;
      break;
    case Outcome::kTargeting:
      evidence.targeting += count;
      break;
    case Outcome::kSecurity:
      evidence.security += count;
      break;
    case Outcome::kNeutral:
      evidence.already_current += state == v1::DEPLOYMENT_STATE_ALREADY_CURRENT ? count : 0;
      break;
  }
}

}  // namespace

WaveEvidence EvidenceOf(const v1::Wave& wave) {
  WaveEvidence evidence;
  for (const auto& [state, count] : wave.counts()) {
    Add(static_cast<v1::DeploymentState>(state), count, evidence);
  }
  evidence.counted_failures = evidence.quality_failures - wave.excused();
  evidence.attempted -= wave.excused();
  return evidence;
}

}  // namespace flotilla::rollout
