// Known answers of TurboSHAKE128 and of the XOF over it.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VDAF_XOF_REPLAY_H_
#define FLOTILLA_TESTS_CONFORMANCE_VDAF_XOF_REPLAY_H_

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "base/status.h"

namespace flotilla::conformance {

// One text for each difference. DATA_LOSS: a key is missing or of another type.

// XofTurboShake128.json of cfrg/draft-irtf-cfrg-vdaf: a derived seed and a vector of Field128.
StatusOr<std::vector<std::string>> ReplayXof(const boost::json::object& object);

// A list `vectors` of {desc, D, L, out_last32}, where desc is "M=empty", "ptn(N)", "ptn(17^K)" or
// hexadecimal bytes ("FF*7": seven times), optionally followed by ", ..."; D the domain byte; L the
// length of the output.
StatusOr<std::vector<std::string>> ReplayTurboShake(const boost::json::object& object);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VDAF_XOF_REPLAY_H_
