#ifndef FLOTILLA_AGENT_CONDITION_COLD_PAGES_H_
#define FLOTILLA_AGENT_CONDITION_COLD_PAGES_H_

#include "base/status.h"

namespace flotilla::agent {

// Gives back resident pages of programs and libraries that were needed once (start, relocation, a
// handshake, an update): an agent that waits uses little of its text. The kernel maps a page again
// from its cache when it is used.
//
// Touches only file-backed mappings that cannot be written and hold no page of the process's own
// ("Anonymous: 0 kB" in /proc/self/smaps, proc(5)), so no byte is lost; MADV_DONTNEED, madvise(2).
// Also returns free heap to the kernel. Blocking for some milliseconds; any thread. UNAVAILABLE: no
// /proc.
Status ReleaseColdPages();

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_COLD_PAGES_H_
