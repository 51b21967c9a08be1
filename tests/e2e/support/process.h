// Real processes for tests of the whole system.
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_PROCESS_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_PROCESS_H_

#include <string>

#include "base/time.h"
#include "tests/support/child/process.h"

namespace flotilla::e2e {

using flotilla::ChildrenOf;
using flotilla::Command;
using flotilla::Environment;
using flotilla::FileText;
using flotilla::Process;
using flotilla::WaitUntil;

struct CommandResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// Runs a command to its end; exit code 124 when it had to be killed after `limit`.
CommandResult RunCommand(const Command& command, const Environment& environment,
                         Duration limit = absl::Seconds(60));

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_PROCESS_H_
