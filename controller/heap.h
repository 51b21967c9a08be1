#ifndef FLOTILLA_CONTROLLER_HEAP_H_
#define FLOTILLA_CONTROLLER_HEAP_H_

namespace flotilla::controller {

// Memory that is freed goes back to the system within a moment, where the allocator can be told so:
// what sessions leave lies in heaps of threads that do nothing until other sessions come. What the
// environment says (MIMALLOC_DECOMMIT_DELAY, MIMALLOC_PURGE_DELAY; ms) is kept. Call it first in
// main().
void ReturnMemoryWhenFreed();

// What this thread freed goes back now. A thread that does nothing more does not do so by itself.
void ReturnFreedMemory();

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEAP_H_
