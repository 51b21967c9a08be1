#include "telemetry/aggregator/device_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::telemetry {
namespace {

// SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 section 4), up to the key's 32 bytes.
constexpr std::array<std::uint8_t, 12> kSpkiPrefix = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                      0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::size_t kSpkiBytes = kSpkiPrefix.size() + 32;
constexpr std::size_t kBase64Chars = 60;  // of 44 bytes, padding included
constexpr std::string_view kPemBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kPemEnd = "-----END PUBLIC KEY-----";

std::array<std::uint8_t, kSpkiBytes> SpkiOf(const std::array<std::uint8_t, 32>& key) {
  std::array<std::uint8_t, kSpkiBytes> spki{};
  std::copy(key.begin(), key.end(),
            std::copy(kSpkiPrefix.begin(), kSpkiPrefix.end(), spki.begin()));
  return spki;
}

StatusOr<DeviceKey> FromSpki(ByteView spki) {
  if (spki.size() != kSpkiBytes ||
      !std::equal(kSpkiPrefix.begin(), kSpkiPrefix.end(), spki.begin())) {
    return InvalidArgument("not an Ed25519 public key");
  }
  DeviceKey device;
  std::copy(spki.begin() + kSpkiPrefix.size(), spki.end(), device.ed25519.begin());
  return device;
}

bool IsLabel(std::string_view text) {
  return text.size() <= kMaxLabelBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// Standard base64 with its padding (RFC 4648 section 4) over the one that base has (section 5).
StatusOr<Bytes> Base64Decode(std::string_view text) {
  if (text.size() != kBase64Chars || text.back() != '=') {
    return InvalidArgument("not an Ed25519 public key in base64");
  }
  std::string url(text.substr(0, text.size() - 1));
  if (url.find_first_of("-_") != std::string::npos) {
    return InvalidArgument("not base64");
  }
  std::replace(url.begin(), url.end(), '+', '-');
  std::replace(url.begin(), url.end(), '/', '_');
  return Base64UrlDecode(url);
}

std::string Base64Encode(ByteView bytes) {
  std::string text = Base64UrlEncode(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

StatusOr<std::vector<DeviceKey>> ParsePem(std::string_view text, const std::string& label) {
  std::vector<DeviceKey> devices;
  std::size_t at = text.find(kPemBegin);
  while (at != std::string_view::npos) {
    const std::size_t end = text.find(kPemEnd, at);
    if (end == std::string_view::npos) return InvalidArgument("a PEM public key has no end");
    FLOTILLA_ASSIGN_OR_RETURN(
        const security::PublicKey key,
        security::PublicKey::FromPem(text.substr(at, end + kPemEnd.size() - at)));
    FLOTILLA_ASSIGN_OR_RETURN(DeviceKey device, FromSpki(key.spki_der()));
    device.label = label;
    devices.push_back(std::move(device));
    at = text.find(kPemBegin, end);
  }
  return devices;
}

}  // namespace

dap::KeyId DeviceKey::Id() const {
  return security::Sha256(SpkiOf(ed25519));
}

StatusOr<security::PublicKey> DeviceKey::Key() const {
  auto key = security::PublicKey::FromTuf("ed25519", "ed25519", HexEncode(ed25519));
  if (!key.ok()) return Internal(MessageOf(key.status()));
  return key;
}

std::string DeviceKey::Line() const {
  const std::string key = Base64Encode(SpkiOf(ed25519));
  return label.empty() ? key : absl::StrCat(key, " ", label);
}

bool IsRemark(std::string_view line) {
  const std::string_view text = Trimmed(line);
  return text.empty() || text.front() == '#';
}

StatusOr<DeviceKey> ParseDeviceLine(std::string_view line) {
  const std::string_view text = Trimmed(line);
  const std::size_t space = std::min(text.find_first_of(" \t"), text.size());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes spki, Base64Decode(text.substr(0, space)));
  FLOTILLA_ASSIGN_OR_RETURN(DeviceKey device, FromSpki(spki));
  const std::string_view label = Trimmed(text.substr(space));
  if (!IsLabel(label)) {
    return InvalidArgument(
        absl::StrCat("a label is printable ASCII, at most ", kMaxLabelBytes, " characters"));
  }
  device.label = std::string(label);
  return device;
}

StatusOr<std::vector<DeviceKey>> ParseDeviceLines(std::string_view text) {
  std::vector<DeviceKey> devices;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (!IsRemark(line)) {
      StatusOr<DeviceKey> device = ParseDeviceLine(line);
      if (!device.ok()) return Annotate(device.status(), absl::StrCat("line ", number));
      devices.push_back(*std::move(device));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return devices;
}

StatusOr<std::vector<DeviceKey>> ParseDeviceKeys(std::string_view text, const std::string& label) {
  if (!IsLabel(label)) return InvalidArgument("a label is printable ASCII");
  const bool pem = text.find(kPemBegin) != std::string_view::npos;
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<DeviceKey> devices,
                            pem ? ParsePem(text, label) : ParseDeviceLines(text));
  if (devices.empty()) return InvalidArgument("no public key is in it");
  return devices;
}

}  // namespace flotilla::telemetry
