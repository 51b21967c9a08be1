#ifndef FLOTILLA_TESTS_CONFORMANCE_HPKE_HPKE_CHECK_H_
#define FLOTILLA_TESTS_CONFORMANCE_HPKE_HPKE_CHECK_H_

#include <boost/json/object.hpp>

#include "tests/conformance/vectors/vector_folder.h"

namespace flotilla::conformance {

// One entry of RFC 9180's vectors (appendix A, in JSON). Everything that it names is compared:
// derived pairs, enc, shared secret, key schedule, each encryption in both directions and out of
// both contexts, exports. Entries of another mode or suite are skipped.
VectorResult CheckHpkeEntry(const boost::json::object& entry);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_HPKE_HPKE_CHECK_H_
