#include "agent/clock/kernel_sync.h"

#include <sys/timex.h>

namespace flotilla::agent {

bool KernelClockIsKept() {
  timex state{};  // modes 0: only asks
  return ::adjtimex(&state) != -1 && (state.status & STA_UNSYNC) == 0;
}

}  // namespace flotilla::agent
