#ifndef FLOTILLA_OTA_STEPS_SELF_TEST_H_
#define FLOTILLA_OTA_STEPS_SELF_TEST_H_

#include <optional>
#include <stop_token>

#include "flotilla/v1/update.pb.h"

#include "base/status.h"
#include "ota/self_tester.h"

namespace flotilla::ota {

// The verdict on golden prompts: at least the running release's score less the larger of 2 % of the
// prompts and one prompt, and at least the publisher's floor. A score of no prompts passes: the
// release was only loaded. Pure. FAILED_PRECONDITION with INSTALL_SMOKE_FAILED, the text naming
// both scores.
Status JudgeGoldenScore(const v1::GoldenScore& score);

// Scores the candidate and judges it. `score` is set whenever there is one, also when the verdict
// is bad. Errors: those of the tester and of JudgeGoldenScore.
Status SelfTest(SelfTester& tester, const v1::InstalledRelease& candidate,
                const std::optional<v1::InstalledRelease>& running, const std::stop_token& stop,
                std::optional<v1::GoldenScore>& score);

// True when the error says that the release itself is bad, so that it must not be tried again.
bool CondemnsRelease(const Status& status);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_SELF_TEST_H_
