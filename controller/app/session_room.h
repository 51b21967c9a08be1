#ifndef FLOTILLA_CONTROLLER_APP_SESSION_ROOM_H_
#define FLOTILLA_CONTROLLER_APP_SESSION_ROOM_H_

#include "controller/session/admission_queue.h"

namespace flotilla::controller {

// `wanted` with its zeros filled in by cores and memory, and by what the kernel lets this process
// open, whose limit it raises: each session is a descriptor. Says so in the log.
AdmissionOptions MakeRoom(const AdmissionOptions& wanted);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_SESSION_ROOM_H_
