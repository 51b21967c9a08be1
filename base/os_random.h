#ifndef FLOTILLA_BASE_OS_RANDOM_H_
#define FLOTILLA_BASE_OS_RANDOM_H_

#include <cstdint>
#include <span>

#include "base/random.h"

namespace flotilla {

// getrandom(2). Thread-safe. Ends the process when the kernel has no randomness to give (it never
// returns less).
class OsRandom final : public Random {
 public:
  void Fill(std::span<std::uint8_t> out) override;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_OS_RANDOM_H_
