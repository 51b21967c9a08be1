// Numbers as people write them in configuration files. INVALID_ARGUMENT says what was expected.
#ifndef FLOTILLA_BASE_CONFIG_SCALAR_TEXT_H_
#define FLOTILLA_BASE_CONFIG_SCALAR_TEXT_H_

#include <cstdint>
#include <string_view>

#include "base/status.h"

namespace flotilla::config {

enum class PercentSign { kUnspecified = 0, kDividesBy100, kIsUnit };

StatusOr<bool> ParseBool(std::string_view text);
// Decimal digits, no sign but '-', within [least, most].
StatusOr<std::int64_t> ParseSigned(std::string_view text, std::int64_t least, std::int64_t most);
StatusOr<std::uint64_t> ParseUnsigned(std::string_view text, std::uint64_t most);
// As ParseUnsigned, or with Ki, Mi, Gi or Ti behind.
StatusOr<std::uint64_t> ParseSize(std::string_view text);
// Finite. "1%" is 0.01 or 1, as `percent` says.
StatusOr<double> ParseNumber(std::string_view text, PercentSign percent);

}  // namespace flotilla::config

#endif  // FLOTILLA_BASE_CONFIG_SCALAR_TEXT_H_
