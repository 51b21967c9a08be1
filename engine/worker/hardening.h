// What the engine's process gives up before it sees a model file.
#ifndef FLOTILLA_ENGINE_WORKER_HARDENING_H_
#define FLOTILLA_ENGINE_WORKER_HARDENING_H_

#include "base/status.h"

namespace flotilla::engine {

// Closes all descriptors but 0, 1, 2 and `control_fd`; no new privileges, no core files, killed
// when the thread that started it ends (so start it from one that lives as long as the agent),
// first in line when memory runs out (+500), SIGPIPE ignored, no signal blocked. INTERNAL: the
// kernel refused one of them; only a refused oom_score_adj is passed over. Linux only.
Status HardenProcess(int control_fd);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_HARDENING_H_
