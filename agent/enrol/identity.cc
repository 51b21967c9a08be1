#include "agent/enrol/identity.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/file.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxPemBytes = std::uint64_t{64} * 1024;
constexpr char kCertificateBegin[] = "-----BEGIN CERTIFICATE-----";
constexpr char kDeviceId[] = "device_id";
constexpr char kNext[] = "next.pem";
constexpr char kWanted[] = "wanted.key";
constexpr char kFingerprint[] = "fingerprint";
constexpr char kCopiedFrom[] = "copied_from";
// How agents before renewal kept key and certificate.
constexpr char kOldKey[] = "device.key";
constexpr char kOldChain[] = "device.crt";

StatusOr<std::string> ReadText(const std::filesystem::path& path) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxPemBytes));
  return ToText(bytes);
}

// Key first, then the chain.
StatusOr<std::string> ReadPair(const std::filesystem::path& state_dir, const char* file) {
  return ReadText(IdentityDir(state_dir) / file);
}

Status SplitPair(const std::string& pair, Identity& identity) {
  const std::size_t chain = pair.find(kCertificateBegin);
  if (chain == std::string::npos || chain == 0) {
    return DataLoss("the device's key and certificate are damaged");
  }
  identity.key_pem = pair.substr(0, chain);
  identity.chain_pem = pair.substr(chain);
  return OkStatus();
}

StatusOr<std::string> ReadCurrentPair(const std::filesystem::path& state_dir) {
  StatusOr<std::string> pair = ReadText(DevicePemPath(state_dir));
  if (pair.status().code() != StatusCode::kNotFound) {
    return pair;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string chain, ReadPair(state_dir, kOldChain));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string key, ReadPair(state_dir, kOldKey));
  return key + chain;
}

Status ReadCommon(const std::filesystem::path& state_dir, Identity& identity) {
  FLOTILLA_ASSIGN_OR_RETURN(identity.ca_pem, ReadText(CaCertificatePath(state_dir)));
  FLOTILLA_ASSIGN_OR_RETURN(identity.device_id, ReadText(IdentityDir(state_dir) / kDeviceId));
  while (!identity.device_id.empty() && identity.device_id.back() == '\n') {
    identity.device_id.pop_back();
  }
  return OkStatus();
}

// Zeros over the old bytes, as far as the disk lets us, then gone.
Status WipeFile(DurableFs& fs, const std::filesystem::path& path) {
  const StatusOr<std::uint64_t> size = FileSize(path);
  if (!size.ok()) {
    return size.status().code() == StatusCode::kNotFound ? OkStatus() : size.status();
  }
  CreateOptions options;
  options.mode = CreateMode::kOpenOrCreate;
  FLOTILLA_ASSIGN_OR_RETURN(const auto file, fs.Create(path, options));
  FLOTILLA_RETURN_IF_ERROR(file->Write(0, Bytes(std::min(*size, kMaxPemBytes))));
  FLOTILLA_RETURN_IF_ERROR(file->Sync());
  return DurableRemove(fs, path);
}

}  // namespace

std::filesystem::path IdentityDir(const std::filesystem::path& state_dir) {
  return state_dir / "identity";
}
std::filesystem::path DevicePemPath(const std::filesystem::path& state_dir) {
  return IdentityDir(state_dir) / "device.pem";
}
std::filesystem::path CaCertificatePath(const std::filesystem::path& state_dir) {
  return IdentityDir(state_dir) / "ca.crt";
}

StatusOr<Identity> LoadIdentity(const std::filesystem::path& state_dir) {
  Identity identity;
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pair, ReadCurrentPair(state_dir));
  FLOTILLA_RETURN_IF_ERROR(SplitPair(pair, identity));
  FLOTILLA_RETURN_IF_ERROR(ReadCommon(state_dir, identity));
  return identity;
}

Status SaveIdentity(DurableFs& fs, const std::filesystem::path& state_dir,
                    const Identity& identity) {
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, IdentityDir(state_dir)));
  FLOTILLA_RETURN_IF_ERROR(SaveCaBundle(fs, state_dir, identity.ca_pem));
  FLOTILLA_RETURN_IF_ERROR(
      DurableWrite(fs, IdentityDir(state_dir) / kDeviceId, AsBytes(identity.device_id + "\n")));
  FLOTILLA_RETURN_IF_ERROR(
      DurableWrite(fs, DevicePemPath(state_dir), AsBytes(identity.key_pem + identity.chain_pem)));
  for (const char* const file : {kWanted, kOldChain, kOldKey, kCopiedFrom}) {
    FLOTILLA_RETURN_IF_ERROR(WipeFile(fs, IdentityDir(state_dir) / file));
  }
  return OkStatus();
}

StatusOr<Identity> LoadNextIdentity(const std::filesystem::path& state_dir) {
  Identity identity;
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pair, ReadPair(state_dir, kNext));
  FLOTILLA_RETURN_IF_ERROR(SplitPair(pair, identity));
  FLOTILLA_RETURN_IF_ERROR(ReadCommon(state_dir, identity));
  return identity;
}

Status SaveNextIdentity(DurableFs& fs, const std::filesystem::path& state_dir,
                        const Identity& identity) {
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, IdentityDir(state_dir) / kNext,
                                        AsBytes(identity.key_pem + identity.chain_pem)));
  return WipeFile(fs, IdentityDir(state_dir) / kWanted);
}

Status PromoteNextIdentity(DurableFs& fs, const std::filesystem::path& state_dir) {
  FLOTILLA_RETURN_IF_ERROR(fs.Rename(IdentityDir(state_dir) / kNext, DevicePemPath(state_dir)));
  return fs.SyncDir(IdentityDir(state_dir));
}

Status DropNextIdentity(DurableFs& fs, const std::filesystem::path& state_dir) {
  return WipeFile(fs, IdentityDir(state_dir) / kNext);
}

Status SaveCaBundle(DurableFs& fs, const std::filesystem::path& state_dir,
                    const std::string& ca_pem) {
  return DurableWrite(fs, CaCertificatePath(state_dir), AsBytes(ca_pem));
}

StatusOr<std::string> KnownKeyPem(const std::filesystem::path& state_dir) {
  const StatusOr<std::string> pair = ReadCurrentPair(state_dir);
  if (pair.status().code() == StatusCode::kNotFound) {
    return ReadPair(state_dir, kWanted);
  }
  FLOTILLA_RETURN_IF_ERROR(pair.status());
  Identity identity;
  FLOTILLA_RETURN_IF_ERROR(SplitPair(*pair, identity));
  return identity.key_pem;
}

StatusOr<std::unique_ptr<IdentityKey>> WantedKey(DurableFs& fs, IdentityKeys& keys,
                                                 const std::filesystem::path& state_dir) {
  const std::filesystem::path path = IdentityDir(state_dir) / kWanted;
  const StatusOr<std::string> known = ReadText(path);
  if (known.ok()) {
    return keys.FromPem(*known);
  }
  if (known.status().code() != StatusCode::kNotFound) {
    return known.status();
  }
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<IdentityKey> key, keys.Make());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, key->TlsPem());
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, IdentityDir(state_dir)));
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, path, AsBytes(pem)));
  return key;
}

bool HasWantedKey(const std::filesystem::path& state_dir) {
  return FileSize(IdentityDir(state_dir) / kWanted).ok();
}

StatusOr<bool> IsOwnMachine(DurableFs& fs, const std::filesystem::path& state_dir,
                            ByteView fingerprint) {
  const StatusOr<std::string> known = ReadText(IdentityDir(state_dir) / kFingerprint);
  if (known.status().code() == StatusCode::kNotFound) {
    FLOTILLA_RETURN_IF_ERROR(SaveFingerprint(fs, state_dir, fingerprint));
    return true;
  }
  FLOTILLA_RETURN_IF_ERROR(known.status());
  return *known == HexEncode(fingerprint) + "\n";
}

Status SaveFingerprint(DurableFs& fs, const std::filesystem::path& state_dir,
                       ByteView fingerprint) {
  return DurableWrite(fs, IdentityDir(state_dir) / kFingerprint,
                      AsBytes(HexEncode(fingerprint) + "\n"));
}

Status WipeIdentity(DurableFs& fs, const std::filesystem::path& state_dir) {
  // device.pem first: without it the device is not enrolled, whatever else is left.
  for (const char* const file :
       {"device.pem", kOldChain, kOldKey, kNext, kWanted, kDeviceId, "ca.crt", kFingerprint}) {
    FLOTILLA_RETURN_IF_ERROR(WipeFile(fs, IdentityDir(state_dir) / file));
  }
  return OkStatus();
}

Status NoteCopiedFrom(DurableFs& fs, const std::filesystem::path& state_dir,
                      const std::string& device_id) {
  return DurableWrite(fs, IdentityDir(state_dir) / kCopiedFrom, AsBytes(device_id));
}

std::string CopiedFrom(const std::filesystem::path& state_dir) {
  return ReadText(IdentityDir(state_dir) / kCopiedFrom).value_or("");
}

}  // namespace flotilla::agent
