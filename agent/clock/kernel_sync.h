#ifndef FLOTILLA_AGENT_CLOCK_KERNEL_SYNC_H_
#define FLOTILLA_AGENT_CLOCK_KERNEL_SYNC_H_

namespace flotilla::agent {

// Whether something (NTP, PTP, a receiver) keeps the kernel's clock: STA_UNSYNC is not set. False
// when the kernel does not say.
bool KernelClockIsKept();

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CLOCK_KERNEL_SYNC_H_
