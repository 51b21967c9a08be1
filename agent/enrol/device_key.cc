#include "agent/enrol/device_key.h"

#include <cstdint>

#include <string_view>
#include <utility>

#include "agent/enrol/identity.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxKeyBytes = 64 * 1024;
constexpr std::string_view kTpmPrefix = "tpm2:";
constexpr std::string_view kTctiName = "tcti=";

Status CheckKnownKey(const security::Tpm2Provider& tpm, const std::string& pem) {
  if (!security::IsTpm2Pem(pem)) {
    return FailedPrecondition(
        "device_key says tpm2, but the device already has a key in a file: leave device_key empty, "
        "or decommission the device and enrol it anew");
  }
  return tpm.context().LoadKey(pem, "").status();
}

Status MakeKey(const security::Tpm2Provider& tpm, DurableFs& fs,
               const std::filesystem::path& state_dir) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem,
                            tpm.context().MakeKey(security::KeyKind::kEcdsaP256, ""));
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, IdentityDir(state_dir)));
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, DeviceKeyPath(state_dir), AsBytes(pem)));
  LogInfo("identity.key_made", {{"in", "tpm2"}});
  return OkStatus();
}

}  // namespace

StatusOr<DeviceKeyPlace> ParseDeviceKey(const std::string& text) {
  if (text.empty() || text == "file") {
    return DeviceKeyPlace{};
  }
  if (text == "tpm2") {
    return DeviceKeyPlace{true, ""};
  }
  std::string_view tcti(text);
  if (tcti.starts_with(kTpmPrefix)) {
    tcti.remove_prefix(kTpmPrefix.size());
    tcti.remove_prefix(tcti.starts_with(kTctiName) ? kTctiName.size() : 0);
    if (!tcti.empty()) {
      return DeviceKeyPlace{true, std::string(tcti)};
    }
  }
  return InvalidArgument("device_key: '" + text + "' is not file, tpm2 or tpm2:TCTI");
}

StatusOr<DeviceKey> DeviceKey::Prepare(const DeviceKeyPlace& place, DurableFs& fs,
                                       const std::filesystem::path& state_dir) {
  if (!place.in_tpm) {
    return DeviceKey(nullptr);
  }
  FLOTILLA_ASSIGN_OR_RETURN(auto tpm, security::Tpm2Provider::Load(place.tcti));
  const StatusOr<Bytes> known = ReadFile(DeviceKeyPath(state_dir), kMaxKeyBytes);
  Status status = known.status();
  if (known.ok()) {
    status = CheckKnownKey(*tpm, ToText(*known));
  } else if (status.code() == StatusCode::kNotFound) {
    status = MakeKey(*tpm, fs, state_dir);
  }
  if (!status.ok()) {
    return Annotate(status, DeviceKeyPath(state_dir).string());
  }
  return DeviceKey(std::move(tpm));
}

}  // namespace flotilla::agent
