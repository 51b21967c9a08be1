#ifndef FLOTILLA_BASE_OS_MACHINE_H_
#define FLOTILLA_BASE_OS_MACHINE_H_

#include <cstdint>

namespace flotilla {

// Cores whose time this process may use: those of its affinity, or the quota of its control group
// (cgroup v2, rounded down) where that is lower; at least 1.
unsigned CoresOfMachine();

// Memory this process may use: the machine's, or the limit of its control group (cgroup v2) where
// that is lower.
std::uint64_t MemoryOfMachine();

}  // namespace flotilla

#endif  // FLOTILLA_BASE_OS_MACHINE_H_
