#ifndef FLOTILLA_CONTROLLER_RPC_KNOWN_FIELDS_H_
#define FLOTILLA_CONTROLLER_RPC_KNOWN_FIELDS_H_

#include "google/protobuf/message.h"

#include "base/status.h"

namespace flotilla::controller {

// What a person asks for is done wholly or not at all: a rollout without the windows that a newer
// program wrote into its specification would be another one. INVALID_ARGUMENT: the message, or one
// in it, has a field or a value of an enumeration that this program does not know; names it.
Status CheckKnownFields(const google::protobuf::Message& request);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_KNOWN_FIELDS_H_
