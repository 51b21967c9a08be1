#ifndef FLOTILLA_TESTS_SUPPORT_TOOL_H_
#define FLOTILLA_TESTS_SUPPORT_TOOL_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/status.h"

namespace flotilla {

using Words = std::vector<std::string>;

// Starts a program of the system, found by PATH. NOT_FOUND names the package that has it.
StatusOr<pid_t> StartTool(const Words& words, const std::string& package);
// Runs one to its end with its output thrown away. INTERNAL: another exit code than 0.
Status RunTool(const Words& words, const std::string& package);
// Ends a tool that StartTool started and collects it.
void EndTool(pid_t pid);

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_TOOL_H_
