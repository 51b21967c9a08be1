// Work on a loop that another thread than the test's runs.
#ifndef FLOTILLA_TESTS_SUPPORT_ON_LOOP_H_
#define FLOTILLA_TESTS_SUPPORT_ON_LOOP_H_

#include <functional>

#include "base/executor.h"

namespace flotilla {

// Runs `task` there and returns when it has run.
void RunOn(Executor& loop, const std::function<void()>& task);
// True as soon as `condition`, asked there, is; false when it stays away for half a minute.
bool AwaitOn(Executor& loop, const std::function<bool()>& condition);

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_ON_LOOP_H_
