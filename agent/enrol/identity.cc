#include "agent/enrol/identity.h"

#include <array>
#include <cstdint>
#include <utility>

#include "base/file.h"
#include "security/sha256.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxPemBytes = 64 * 1024;
constexpr std::uint64_t kMaxSerialBytes = 1024;
// Where Linux tells which machine this is; what is missing or unreadable counts as empty.
constexpr std::array<const char*, 3> kMachineFiles = {
    "/etc/machine-id", "/sys/class/dmi/id/board_serial",
    "/sys/firmware/devicetree/base/serial-number"};

StatusOr<std::string> ReadText(const std::filesystem::path& path) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxPemBytes));
  return ToText(bytes);
}

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

}  // namespace

std::filesystem::path IdentityDir(const std::filesystem::path& state_dir) {
  return state_dir / "identity";
}
std::filesystem::path DeviceKeyPath(const std::filesystem::path& state_dir) {
  return IdentityDir(state_dir) / "device.key";
}
std::filesystem::path DeviceCertificatePath(const std::filesystem::path& state_dir) {
  return IdentityDir(state_dir) / "device.crt";
}
std::filesystem::path CaCertificatePath(const std::filesystem::path& state_dir) {
  return IdentityDir(state_dir) / "ca.crt";
}

StatusOr<Identity> LoadIdentity(const std::filesystem::path& state_dir) {
  Identity identity;
  FLOTILLA_ASSIGN_OR_RETURN(identity.chain_pem, ReadText(DeviceCertificatePath(state_dir)));
  FLOTILLA_ASSIGN_OR_RETURN(identity.ca_pem, ReadText(CaCertificatePath(state_dir)));
  FLOTILLA_ASSIGN_OR_RETURN(identity.key_pem, ReadText(DeviceKeyPath(state_dir)));
  FLOTILLA_ASSIGN_OR_RETURN(identity.device_id, ReadText(IdentityDir(state_dir) / "device_id"));
  while (!identity.device_id.empty() && identity.device_id.back() == '\n') {
    identity.device_id.pop_back();
  }
  return identity;
}

Status SaveIdentity(DurableFs& fs, const std::filesystem::path& state_dir,
                    const Identity& identity) {
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, IdentityDir(state_dir)));
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, DeviceKeyPath(state_dir), AsBytes(identity.key_pem)));
  FLOTILLA_RETURN_IF_ERROR(
      DurableWrite(fs, CaCertificatePath(state_dir), AsBytes(identity.ca_pem)));
  FLOTILLA_RETURN_IF_ERROR(
      DurableWrite(fs, IdentityDir(state_dir) / "device_id", AsBytes(identity.device_id + "\n")));
  return DurableWrite(fs, DeviceCertificatePath(state_dir), AsBytes(identity.chain_pem));
}

StatusOr<security::EcKey> LoadOrMakeKey(DurableFs& fs, const std::filesystem::path& state_dir) {
  const StatusOr<std::string> known = ReadText(DeviceKeyPath(state_dir));
  if (known.ok()) {
    return security::EcKey::FromPem(*known);
  }
  if (known.status().code() != StatusCode::kNotFound) {
    return known.status();
  }
  FLOTILLA_ASSIGN_OR_RETURN(security::EcKey key, security::EcKey::Generate());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, key.ToPem());
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, IdentityDir(state_dir)));
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, DeviceKeyPath(state_dir), AsBytes(pem)));
  return key;
}

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

}  // namespace flotilla::agent
