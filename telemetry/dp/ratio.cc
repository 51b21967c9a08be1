#include "telemetry/dp/ratio.h"

#include <utility>

namespace flotilla::dp {

StatusOr<Ratio> Ratio::Create(BigInt numerator, BigInt denominator) {
  if (numerator < 0 || denominator <= 0) {
    return InvalidArgument("a fraction is at least 0 and has a denominator above 0");
  }
  return Ratio(std::move(numerator), std::move(denominator));
}

Ratio::Ratio(BigInt numerator, BigInt denominator)
    : numerator_(std::move(numerator)), denominator_(std::move(denominator)) {
  const BigInt divisor = boost::multiprecision::gcd(numerator_, denominator_);
  if (divisor != 1) {
    numerator_ /= divisor;
    denominator_ /= divisor;
  }
}

}  // namespace flotilla::dp
