#ifndef FLOTILLA_BASE_RANDOM_H_
#define FLOTILLA_BASE_RANDOM_H_

#include <cstdint>
#include <span>

namespace flotilla {

// Port: random bytes fit for secrets. Thread-safe. Real: OsRandom. Fake: SeededRandom
// (tests/support).
class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(std::span<std::uint8_t> out) = 0;

 protected:
  Random() = default;
  Random(const Random&) = default;
  Random& operator=(const Random&) = default;
};

// Uniform in [0, below), without bias. `below` > 0.
std::uint64_t UniformBelow(Random& random, std::uint64_t below);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_RANDOM_H_
