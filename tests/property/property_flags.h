#ifndef FLOTILLA_TESTS_PROPERTY_PROPERTY_FLAGS_H_
#define FLOTILLA_TESTS_PROPERTY_PROPERTY_FLAGS_H_

#include <cstdint>

namespace flotilla::rollout {

// What the program was asked for; main reads it from the command line.
struct PropertyFlags {
  std::uint32_t first_seed = 1;
  std::uint32_t histories = 100;
  std::uint32_t steps = 300;
};
PropertyFlags& Flags();

}  // namespace flotilla::rollout

#endif  // FLOTILLA_TESTS_PROPERTY_PROPERTY_FLAGS_H_
