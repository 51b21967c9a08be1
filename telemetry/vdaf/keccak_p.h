// Keccak-p[1600, 12]: the last twelve rounds of Keccak-f[1600] (FIPS 202 section 3, RFC 9861
// section 2.2).
#ifndef FLOTILLA_TELEMETRY_VDAF_KECCAK_P_H_
#define FLOTILLA_TELEMETRY_VDAF_KECCAK_P_H_

#include <array>
#include <cstdint>

namespace flotilla::vdaf {

// Lane (x, y) stands at x + 5 * y.
using KeccakState = std::array<std::uint64_t, 25>;

// Permutes the state. The same time for every state.
void PermuteKeccakP12(KeccakState& state);

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_KECCAK_P_H_
