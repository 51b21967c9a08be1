// The three commands of the conformance suite over security/tuf and ota/fetch, with nothing of the
// product's policy: no floor, no hardware, no agent.
#ifndef FLOTILLA_TESTS_CONFORMANCE_CONFORMANCE_CLIENT_H_
#define FLOTILLA_TESTS_CONFORMANCE_CONFORMANCE_CLIENT_H_

#include "base/durable_fs.h"
#include "base/status.h"
#include "base/time.h"
#include "tests/conformance/arguments.h"

namespace flotilla::conformance {

// DIR gets root.json, timestamp.json, snapshot.json, targets.json and delegated roles by their
// encoded names; below it lie root_history/, factory/ (the root of `init`) and staging/.
// Errors: those of TufClient, of the fetcher and of storage, each with its reason.
Status Run(const Arguments& arguments, DurableFs& fs, Time now);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_CONFORMANCE_CLIENT_H_
