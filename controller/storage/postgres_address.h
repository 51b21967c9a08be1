#ifndef FLOTILLA_CONTROLLER_STORAGE_POSTGRES_ADDRESS_H_
#define FLOTILLA_CONTROLLER_STORAGE_POSTGRES_ADDRESS_H_

#include <string>

#include "base/status.h"

namespace flotilla::controller {

// "postgresql://..." or libpq's keywords, as keywords with what a controller wants of a connection
// where nothing else is said: ten seconds to connect, a dead peer noticed within 30 s, its own
// application_name.
// Errors: INVALID_ARGUMENT: libpq cannot read it, or a password stands in it (`passfile=` names a
// file with one).
StatusOr<std::string> PostgresConninfo(const std::string& address);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_POSTGRES_ADDRESS_H_
