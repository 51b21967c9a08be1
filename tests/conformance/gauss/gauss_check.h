#ifndef FLOTILLA_TESTS_CONFORMANCE_GAUSS_GAUSS_CHECK_H_
#define FLOTILLA_TESTS_CONFORMANCE_GAUSS_GAUSS_CHECK_H_

#include <boost/json/object.hpp>

#include "tests/conformance/vectors/vector_folder.h"

namespace flotilla::conformance {

// One vector of the discrete Gaussian: seed, std_num / std_denom, samples. The samples are drawn
// one after another from the TurboSHAKE128 stream of le16(0) || byte(32) || seed, domain byte 1.
VectorResult CheckGaussEntry(const boost::json::object& entry);

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_GAUSS_GAUSS_CHECK_H_
