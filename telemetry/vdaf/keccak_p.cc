#include "telemetry/vdaf/keccak_p.h"

#include <bit>
#include <cstddef>
#include <utility>

namespace flotilla::vdaf {
namespace {

// Constants of rounds 12 to 23 of the 24.
constexpr std::array<std::uint64_t, 12> kRoundConstants = {
    0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

// How far step rho turns each lane, and where step pi puts it.
struct LaneMove {
  int rotation = 0;
  std::size_t target = 0;
};
constexpr std::array<LaneMove, 25> LaneMoves() {
  std::array<LaneMove, 25> moves{};
  std::size_t x = 1;
  std::size_t y = 0;
  for (int t = 0; t < 24; ++t) {
    const std::size_t next_y = (2 * x + 3 * y) % 5;
    moves[x + 5 * y] = {(t + 1) * (t + 2) / 2 % 64, y + 5 * next_y};
    x = y;
    y = next_y;
  }
  return moves;
}
constexpr std::array<LaneMove, 25> kMoves = LaneMoves();

// The loops over lanes are written out by the compiler: all indices and rotations are constants.
using Columns = std::make_index_sequence<5>;
using Lanes = std::make_index_sequence<25>;

template <std::size_t... X, std::size_t... I>
inline void Round(KeccakState& a, std::uint64_t constant, std::index_sequence<X...> /*columns*/,
                  std::index_sequence<I...> /*lanes*/) {
  std::array<std::uint64_t, 5> parity{};
  std::array<std::uint64_t, 5> mix{};
  KeccakState b{};
  ((parity[X] = a[X] ^ a[X + 5] ^ a[X + 10] ^ a[X + 15] ^ a[X + 20]), ...);
  ((mix[X] = parity[(X + 4) % 5] ^ std::rotl(parity[(X + 1) % 5], 1)), ...);
  ((b[kMoves[I].target] = std::rotl(a[I] ^ mix[I % 5], kMoves[I].rotation)), ...);
  ((a[I] = b[I] ^ (~b[I - I % 5 + (I % 5 + 1) % 5] & b[I - I % 5 + (I % 5 + 2) % 5])), ...);
  a[0] ^= constant;
}

}  // namespace

void PermuteKeccakP12(KeccakState& state) {
  KeccakState lanes = state;
  for (const std::uint64_t constant : kRoundConstants) Round(lanes, constant, Columns{}, Lanes{});
  state = lanes;
}

}  // namespace flotilla::vdaf
