// Sentences for `rollout explain` and `device why`: which gate, cap or failure holds what, with the
// evidence.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_EXPLAIN_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_EXPLAIN_H_

#include <string>
#include <vector>

#include "controller/rollout/desired.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// Most important first, at most 64.
std::vector<std::string> SentencesOf(const RolloutRun& run, const FleetView& fleet,
                                     const Policies& policies);
// Who froze the device, until when and why.
std::string FreezeSentence(const v1::Freeze& freeze);

// What stands between the device and everything: revoked, two machines, silence, engine trouble.
std::vector<std::string> ConditionSentences(const v1::Device& device);
// What the device runs of a line and what it should run.
std::string LineSentence(const v1::Device& device, const std::string& line, const Opinion& opinion);
// How the device fared in a rollout.
std::string MemberSentence(const RolloutRun& run, const v1::RolloutDevice& device);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_EXPLAIN_H_
