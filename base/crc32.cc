#include "base/crc32.h"

#include <array>
#include <cstdint>

namespace flotilla {
namespace {

constexpr std::array<std::uint32_t, 256> MakeTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
    }
    table.at(i) = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kTable = MakeTable();

}  // namespace

std::uint32_t Crc32(ByteView bytes, std::uint32_t before) {
  std::uint32_t state = ~before;
  for (const std::uint8_t byte : bytes) {
    state = kTable.at((state ^ byte) & 0xFFU) ^ (state >> 8U);
  }
  return ~state;
}

}  // namespace flotilla
