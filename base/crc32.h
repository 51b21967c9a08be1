#ifndef FLOTILLA_BASE_CRC32_H_
#define FLOTILLA_BASE_CRC32_H_

#include <cstdint>

#include "base/bytes.h"

namespace flotilla {

// CRC-32 of IEEE 802.3 (reflected, as in zlib): against accidents, not against anybody. `before` is
// the CRC of the bytes that stand before these.
std::uint32_t Crc32(ByteView bytes, std::uint32_t before = 0);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_CRC32_H_
