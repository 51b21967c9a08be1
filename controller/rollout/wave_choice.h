// Which devices a wave takes.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_WAVE_CHOICE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_WAVE_CHOICE_H_

#include <cstddef>
#include <vector>

#include "controller/rollout/candidate_index.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// Up to `most` devices for the current wave that can be reached (the last wave takes all), in the
// order that its size asks for. A share takes those below it, but at least `least`.
std::vector<CandidateIndex::Candidate> Choose(RolloutRun& run, std::size_t least, std::size_t most,
                                              const Turn& turn);

// What the current wave takes when it is dispatched: its count or its share with its minimum, and
// then what its strata lack.
std::vector<CandidateIndex::Candidate> ChooseWave(RolloutRun& run, const Turn& turn);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_WAVE_CHOICE_H_
