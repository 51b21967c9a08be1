// The project's own known-answer vectors, in the format of the public ones: what the code said on
// the day it agreed with those. They stand in regression/ and need no other folder.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VDAF_OWN_VECTORS_H_
#define FLOTILLA_TESTS_CONFORMANCE_VDAF_OWN_VECTORS_H_

#include <map>
#include <string>

#include "base/status.h"

namespace flotilla::conformance {

// File name -> JSON text. The same at every call.
StatusOr<std::map<std::string, std::string>> MakeOwnVectors();

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VDAF_OWN_VECTORS_H_
