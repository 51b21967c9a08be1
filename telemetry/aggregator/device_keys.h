// Reporting keys as people hand them over and as they are kept: one device a line,
//
//   <SubjectPublicKeyInfo, DER, base64> <label, optional>
//
// Lines that are empty or begin with '#' are for people.
#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_DEVICE_KEYS_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_DEVICE_KEYS_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "security/public_key.h"
#include "telemetry/dap/domain.h"

namespace flotilla::telemetry {

inline constexpr std::size_t kMaxLabelBytes = 128;

struct DeviceKey {
  std::array<std::uint8_t, 32> ed25519{};
  std::string label;  // printable ASCII; says nothing but to the owner

  // How reports name it: SHA-256 of its SubjectPublicKeyInfo.
  dap::KeyId Id() const;
  // INTERNAL: the library refuses.
  StatusOr<security::PublicKey> Key() const;
  // A line of the file, without its end.
  std::string Line() const;

  friend bool operator==(const DeviceKey&, const DeviceKey&) = default;
};

// Whose key a line holds. INVALID_ARGUMENT: no Ed25519 key in base64, or a label that no line could
// hold.
StatusOr<DeviceKey> ParseDeviceLine(std::string_view line);
// Whether a line is for people alone.
bool IsRemark(std::string_view line);

// All devices of a text in the form of the file, in its order. INVALID_ARGUMENT names the line.
StatusOr<std::vector<DeviceKey>> ParseDeviceLines(std::string_view text);

// What an owner brings: PEM public keys, one after another, each labelled `label`; or lines as
// above, which have labels of their own. INVALID_ARGUMENT: no key, or one that is not Ed25519.
StatusOr<std::vector<DeviceKey>> ParseDeviceKeys(std::string_view text, const std::string& label);

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_DEVICE_KEYS_H_
