// The number-theoretic transform: between a polynomial's coefficients and its values at the n-th
// roots of unity, n a power of two, in O(n log n).
#ifndef FLOTILLA_TELEMETRY_VDAF_NTT_H_
#define FLOTILLA_TELEMETRY_VDAF_NTT_H_

#include <bit>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace flotilla::vdaf {

// a^exponent. The exponent is public: the time depends on it.
template <typename Field, typename Integer>
constexpr Field Power(Field base, Integer exponent) {
  Field power = Field::FromUint(1);
  while (exponent != 0) {
    if ((exponent & 1) != 0) power *= base;
    base *= base;
    exponent >>= 1;
  }
  return power;
}

// 1 / a by Fermat; 0 for 0. The same time for every `a`.
template <typename Field>
constexpr Field Inverse(Field a) {
  return Power(a, Field::kModulus - 2);
}

// The transform of one size, with its roots computed beforehand. Thread-safe once made.
template <typename Field>
class Ntt {
 public:
  // `size` is a power of two, at least 1.
  explicit Ntt(std::size_t size)
      : scale_(Inverse(Field::FromUint(size))), roots_(size, Field::FromUint(1)) {
    Field root = Field::RootGenerator();
    const auto log_size = static_cast<unsigned>(std::countr_zero(size));
    for (unsigned i = log_size; i < Field::kTwoAdicity; ++i) root *= root;
    for (std::size_t i = 1; i < size; ++i) roots_[i] = roots_[i - 1] * root;
  }

  std::size_t size() const { return roots_.size(); }
  // w^0, w^1, ..., w^(n-1), where w has order n.
  std::span<const Field> roots() const { return roots_; }
  // 1 / n.
  Field scale() const { return scale_; }

  // Coefficients (of x^i at i) become values (at w^i at i), in place. `values` has size() elements.
  void Forward(std::span<Field> values) const {
    Scatter(values);
    for (std::size_t half = 1; half < size(); half *= 2) {
      const std::size_t step = size() / (2 * half);
      for (std::size_t start = 0; start < size(); start += 2 * half) {
        Butterflies(values.subspan(start, 2 * half), step);
      }
    }
  }

  // The other way.
  void Backward(std::span<Field> values) const {
    Forward(values);
    // Values at the inverse roots: the same in the opposite order.
    for (std::size_t i = 1, j = size() - 1; i < j; ++i, --j) std::swap(values[i], values[j]);
    for (Field& value : values) value *= scale_;
  }

 private:
  // Puts every element where the bits of its index lead when they are read backwards.
  void Scatter(std::span<Field> values) const {
    for (std::size_t i = 1, reversed = 0; i < size(); ++i) {
      std::size_t bit = size() / 2;
      for (; (reversed & bit) != 0; bit /= 2) reversed ^= bit;
      reversed ^= bit;
      if (i < reversed) std::swap(values[i], values[reversed]);
    }
  }

  void Butterflies(std::span<Field> block, std::size_t step) const {
    const std::size_t half = block.size() / 2;
    for (std::size_t i = 0; i < half; ++i) {
      const Field turned = block[i + half] * roots_[i * step];
      block[i + half] = block[i] - turned;
      block[i] += turned;
    }
  }

  Field scale_;
  std::vector<Field> roots_;
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_NTT_H_
