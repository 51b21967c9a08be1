// Whole numbers and fractions without rounding, for the samplers.
#ifndef FLOTILLA_TELEMETRY_DP_RATIO_H_
#define FLOTILLA_TELEMETRY_DP_RATIO_H_

#include <utility>

#include <boost/multiprecision/cpp_int.hpp>

#include "base/status.h"

namespace flotilla::dp {

// Any size; no allocation up to 128 bits.
using BigInt = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>,
                                             boost::multiprecision::et_off>;

// A fraction >= 0 in lowest terms.
class Ratio {
 public:
  Ratio() = default;
  // INVALID_ARGUMENT: negative, or the denominator is not above 0.
  static StatusOr<Ratio> Create(BigInt numerator, BigInt denominator);
  // `numerator` >= 0, `denominator` > 0.
  Ratio(BigInt numerator, BigInt denominator);

  const BigInt& numerator() const { return numerator_; }
  const BigInt& denominator() const { return denominator_; }
  bool IsZero() const { return numerator_.is_zero(); }
  BigInt Floor() const { return numerator_ / denominator_; }

 private:
  BigInt numerator_ = 0;
  BigInt denominator_ = 1;
};

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_RATIO_H_
