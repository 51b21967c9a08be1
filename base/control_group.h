// What a control group (cgroup v2) lets its processes use, from the text of its files (Linux,
// Documentation/admin-guide/cgroup-v2.rst). Pure; text that is not understood limits nothing.
#ifndef FLOTILLA_BASE_CONTROL_GROUP_H_
#define FLOTILLA_BASE_CONTROL_GROUP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flotilla {

// Of /proc/self/cgroup: the folder of the process's group below the mount, and of every group above
// it, the own first and the root ("") last. Empty: there is no cgroup v2.
std::vector<std::string> ControlGroups(std::string_view proc_self_cgroup);

// Of cpu.max, "QUOTA PERIOD" in microseconds: so many cores' time. Nothing: no limit ("max").
std::optional<double> CoresOfCpuMax(std::string_view text);

// Of memory.max, in bytes. Nothing: no limit.
std::optional<std::uint64_t> BytesOfMemoryMax(std::string_view text);

// Whole cores of a process that may run on `runnable` cores and has `quota` cores' time; at least
// 1. Rounded down: who counts on a core that is not there promises too much.
unsigned WholeCores(unsigned runnable, std::optional<double> quota);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_CONTROL_GROUP_H_
