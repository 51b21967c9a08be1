#ifndef FLOTILLA_SECURITY_RUN_PROGRAM_H_
#define FLOTILLA_SECURITY_RUN_PROGRAM_H_

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::security {

struct ProgramOutput {
  int exit_code = 0;     // 128 + n when signal n ended it
  std::string text;      // its stdout, at most 64 KiB
  std::string messages;  // the last 4 KiB of its stderr
};

// Runs `program` (found by PATH when it has no '/') without arguments and without a shell, in the
// caller's process group so that it can ask its user for a PIN. Its stdin is a file that holds
// `input`; signals have their default action and none is blocked. Its stderr also goes to
// `on_message` as it comes (may be null). Ended by SIGTERM, then SIGKILL, after `timeout`.
// Errors: NOT_FOUND, PERMISSION_DENIED: it cannot be started; DEADLINE_EXCEEDED;
// RESOURCE_EXHAUSTED: too much output. Blocking; thread-safe.
StatusOr<ProgramOutput> RunProgram(const std::string& program, ByteView input, Duration timeout,
                                   const std::function<void(std::string_view)>& on_message);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_RUN_PROGRAM_H_
