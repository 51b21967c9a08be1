// What a replay says of bytes that are not those of the vector.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VDAF_DIFFERENCE_H_
#define FLOTILLA_TESTS_CONFORMANCE_VDAF_DIFFERENCE_H_

#include <string>
#include <vector>

#include "base/bytes.h"

namespace flotilla::conformance {

// Nothing where both are the same; else one line with the place of the first difference and the
// bytes from there on, at most 16.
std::vector<std::string> Differences(const std::string& what, ByteView expected, ByteView computed);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VDAF_DIFFERENCE_H_
