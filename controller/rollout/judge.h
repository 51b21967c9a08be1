// The judge: what the evidence of a wave says about a release. Pure.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_JUDGE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_JUDGE_H_

#include <cstdint>
#include <string>

#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

enum class Verdict { kGoOn, kPass, kAbort, kInconclusive };

struct Judgement {
  Verdict verdict = Verdict::kGoOn;
  // The evidence in one sentence without a full stop; empty with kGoOn.
  std::string evidence;
};

// A wave with fewer devices than a clean pass needs: judged by the small-wave rule.
bool IsSmall(const Sprt& sprt, std::uint32_t members);

// kAbort or kGoOn: the small-wave rule, the SPRT over attempted devices, the limit on degraded
// devices (3, or more than 1 % of the rollout), the background monitor. `failed` is the device
// whose report asks.
Judgement JudgeFailure(const RolloutRun& run, const v1::RolloutDevice& failed);

// For a wave whose reachable devices are all resolved and whose soak is over.
Judgement JudgeWave(const RolloutRun& run, const v1::Wave& wave);

// kPass or kInconclusive by the evidence of all waves together: for a wave that is not decided by
// its own and has nobody left to take.
Judgement JudgeWhole(const RolloutRun& run);

// "5 of 6 succeeded, 1 already current, 0 failed"; what a wave shows so far.
std::string WaveSummary(const v1::Wave& wave);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_JUDGE_H_
