#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>

#include "agent/enrol/identity.h"
#include "base/file.h"
#include "security/sha256.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxSerialBytes = 1024;
constexpr std::size_t kMaxSerialText = 64;
// Where Linux tells which machine this is; what is missing or unreadable counts as empty.
constexpr std::array<const char*, 3> kMachineFiles = {
    "/etc/machine-id", "/sys/class/dmi/id/board_serial",
    "/sys/firmware/devicetree/base/serial-number"};
constexpr std::array<const char*, 3> kSerialFiles = {"/sys/firmware/devicetree/base/serial-number",
                                                     "/sys/class/dmi/id/product_serial",
                                                     "/sys/class/dmi/id/board_serial"};

StatusOr<Bytes> LoadOrMakeInstallId(DurableFs& fs, Random& random,
                                    const std::filesystem::path& state_dir) {
  const std::filesystem::path path = IdentityDir(state_dir) / "install_id";
  StatusOr<Bytes> known = ReadFile(path, kMaxSerialBytes);
  if (known.ok() || known.status().code() != StatusCode::kNotFound) {
    return known;
  }
  Bytes id(16);
  random.Fill(id);
  const Bytes text = ToBytes(HexEncode(id) + "\n");
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, IdentityDir(state_dir)));
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, path, text));
  return text;
}

bool IsPrintable(char c) {
  return std::isgraph(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

StatusOr<Bytes> MachineFingerprint(DurableFs& fs, Random& random,
                                   const std::filesystem::path& state_dir) {
  security::Sha256Hasher hasher;
  for (const char* path : kMachineFiles) {
    const StatusOr<Bytes> bytes = ReadFile(path, kMaxSerialBytes);
    const std::string text = bytes.ok() ? ToText(*bytes) : std::string();
    hasher.Update(AsBytes(std::to_string(text.size()) + ":" + text));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes install, LoadOrMakeInstallId(fs, random, state_dir));
  hasher.Update(install);
  const Digest digest = hasher.Finish();
  return Bytes(digest.bytes().begin(), digest.bytes().end());
}

std::string HardwareSerial() {
  for (const char* path : kSerialFiles) {
    const StatusOr<Bytes> bytes = ReadFile(path, kMaxSerialBytes);
    std::string text = bytes.ok() ? ToText(*bytes) : std::string();
    std::erase_if(text, [](char c) { return !IsPrintable(c); });
    if (!text.empty() && text.size() <= kMaxSerialText) {
      return text;
    }
  }
  return {};
}

}  // namespace flotilla::agent
