#include "tests/support/seeded_random.h"

#include <cstdint>
#include <mutex>
#include <span>

namespace flotilla {

void SeededRandom::Fill(std::span<std::uint8_t> out) {
  const std::lock_guard lock(mutex_);
  for (std::uint8_t& byte : out) {
    byte = static_cast<std::uint8_t>(engine_() & 0xffU);
  }
}

}  // namespace flotilla
