// In the place of base/os_random.cc: bytes that follow from the place of the program that asks and
// from how often that place has asked. A place's bytes do not depend on how often others ask, so
// that a timer that fires once more (a retry, a heartbeat) does not change a report.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <random>
#include <span>

#include "base/os_random.h"
#include "base/random.h"

extern "C" const char __ehdr_start;  // NOLINT: the linker's name

namespace flotilla {
namespace {

// Whoever asked UniformBelow, on this thread.
thread_local const void* asked_by = nullptr;

void FillFrom(std::ptrdiff_t place, std::span<std::uint8_t> out) {
  static std::mutex mutex;
  static auto* const streams = new std::map<std::ptrdiff_t, std::mt19937_64>();
  const std::lock_guard lock(mutex);
  auto found = streams->find(place);
  if (found == streams->end()) {
    found = streams->emplace(place, std::mt19937_64(static_cast<std::uint64_t>(place))).first;
  }
  for (std::uint8_t& byte : out) {
    byte = static_cast<std::uint8_t>(found->second() & 0xffU);
  }
}

}  // namespace

void OsRandom::Fill(std::span<std::uint8_t> out) {
  const void* const asker = asked_by != nullptr ? asked_by : __builtin_return_address(0);
  FillFrom(static_cast<const char*>(asker) - &__ehdr_start, out);
}

std::uint64_t UniformBelow(Random& random, std::uint64_t below) {
  asked_by = __builtin_return_address(0);
  const std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() / below * below;
  std::uint64_t value = limit;
  while (value >= limit) {
    random.Fill({reinterpret_cast<std::uint8_t*>(&value), sizeof(value)});  // NOLINT: as bytes
  }
  asked_by = nullptr;
  return value % below;
}

}  // namespace flotilla
