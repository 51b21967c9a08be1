#ifndef FLOTILLA_BASE_OS_MACHINE_H_
#define FLOTILLA_BASE_OS_MACHINE_H_

#include <cstdint>

namespace flotilla {

// Cores this process may run on; at least 1.
unsigned CoresOfMachine();

// Memory this process may use: the machine's, or the limit of its control group (cgroup v2) where
// that is lower.
std::uint64_t MemoryOfMachine();

}  // namespace flotilla

#endif  // FLOTILLA_BASE_OS_MACHINE_H_
