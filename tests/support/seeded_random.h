#ifndef FLOTILLA_TESTS_SUPPORT_SEEDED_RANDOM_H_
#define FLOTILLA_TESTS_SUPPORT_SEEDED_RANDOM_H_

#include <cstdint>
#include <mutex>
#include <random>
#include <span>

#include "base/random.h"

namespace flotilla {

// The same bytes for the same seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void Fill(std::span<std::uint8_t> out) override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_SEEDED_RANDOM_H_
