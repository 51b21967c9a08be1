// The extensions of a TaskConfiguration (draft-ietf-ppm-dap-18 section 4.2.2) and the two kinds of
// report extension (section 4.4.3): a type, then a byte string, in strictly increasing order.
#ifndef FLOTILLA_TELEMETRY_DAP_TASK_EXTENSIONS_H_
#define FLOTILLA_TELEMETRY_DAP_TASK_EXTENSIONS_H_

#include <cstdint>

#include "base/bytes.h"
#include "telemetry/dap/task_configuration.h"
#include "telemetry/dap/tls.h"

namespace flotilla::dap {

inline constexpr std::uint16_t kTaskIntervalExtension = 0x0001;
// Ours, out of the range that no registry has given away.
inline constexpr std::uint16_t kNoiseExtension = 0xff40;
inline constexpr std::uint16_t kCohortExtension = 0xff41;
inline constexpr std::uint16_t kWindowExtension = 0xff42;

// Appends extension_type and extension_data.
void WriteExtension(std::uint16_t type, ByteView data, TlsWriter& out);

// The content of `extensions`, without the length in front.
Bytes EncodeTaskExtensions(const TaskConfiguration& task);
// Fails the reader unless it has all four extensions in order, each of its exact size.
void ReadTaskExtensions(TlsReader& extensions, TaskConfiguration& task);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_TASK_EXTENSIONS_H_
