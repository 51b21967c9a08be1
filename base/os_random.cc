#include "base/os_random.h"

#include <sys/random.h>

#include <cerrno>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <span>

#include "base/random.h"

namespace flotilla {

void OsRandom::Fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno != EINTR) {
      std::abort();
    }
    if (got > 0) {
      out = out.subspan(static_cast<std::size_t>(got));
    }
  }
}

std::uint64_t UniformBelow(Random& random, std::uint64_t below) {
  const std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() / below * below;
  for (;;) {
    std::array<std::uint8_t, sizeof(std::uint64_t)> raw{};
    random.Fill(raw);
    std::uint64_t value = 0;
    std::memcpy(&value, raw.data(), raw.size());
    if (value < limit) {
      return value % below;
    }
  }
}

}  // namespace flotilla
