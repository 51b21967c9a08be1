// How the typed reason of a failed call travels beside its code and text: trailing metadata with
// the number in decimal digits. gRPC itself stays with the callers.
#ifndef FLOTILLA_BASE_REASON_TRAILER_H_
#define FLOTILLA_BASE_REASON_TRAILER_H_

#include <string>
#include <string_view>

#include "base/status.h"

namespace flotilla {

inline constexpr char kReasonTrailer[] = "flotilla-reason-bin";

// The trailer's value; empty: there is no reason to tell, so no trailer either.
std::string ReasonTrailerValue(const Status& status);

// `status` with the reason that the peer's trailer names. Anything but a positive decimal number is
// passed over: the peer may be of another version, or not ours.
Status WithReasonTrailer(const Status& status, std::string_view value);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_REASON_TRAILER_H_
