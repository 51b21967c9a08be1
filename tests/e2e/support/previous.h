#ifndef FLOTILLA_TESTS_E2E_SUPPORT_PREVIOUS_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_PREVIOUS_H_

#include <filesystem>

namespace flotilla::e2e {

// Folder of the programs of the version before this one (tests/e2e/upgrade/previous), which
// `deploy/test --full` builds. Empty: they are not there, or FLOTILLA_FULL is not set; it says so.
std::filesystem::path PreviousPrograms();

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_PREVIOUS_H_
