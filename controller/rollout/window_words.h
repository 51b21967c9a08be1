// What is said of windows: which are closed and when they open next.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_WINDOW_WORDS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_WINDOW_WORDS_H_

#include <string>
#include <vector>

#include "flotilla/v1/rollout.pb.h"
#include "flotilla/v1/window.pb.h"

#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// "accept", "download" or "activate".
const char* KindName(v1::WindowApplies kind);
// "accept windows are closed until Tue 24 Nov 2026 01:00 in Europe/Vienna (...)"; empty: nothing is
// closed for the zone.
std::string ClosedWords(const v1::RolloutSpec& spec, const v1::ZoneWindows& windows);
// The same for the zone that opens first, for a rollout that waits for it.
std::string NextOpeningWords(const RolloutRun& run);
// A sentence a zone in which something is closed.
std::vector<std::string> WindowSentences(const RolloutRun& run);
// Why the device waits in a window; empty: it does not.
std::string DeviceWindowSentence(const RolloutRun& run, const v1::RolloutDevice& row,
                                 const v1::Device& device);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_WINDOW_WORDS_H_
