#include "agent/enrol/device_key.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/enrol/identity.h"
#include "agent/enrol/pem_identity_keys.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

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

StatusOr<DeviceKey> DeviceKey::Prepare(const DeviceKeyPlace& place,
                                       const std::filesystem::path& state_dir) {
  if (!place.in_tpm) {
    return DeviceKey(nullptr, std::make_unique<PemIdentityKeys>());
  }
  FLOTILLA_ASSIGN_OR_RETURN(auto tpm, security::Tpm2Provider::Load(place.tcti));
  const StatusOr<std::string> known = KnownKeyPem(state_dir);
  if (known.ok()) {
    if (const Status status = CheckKnownKey(*tpm, *known); !status.ok()) {
      return Annotate(status, IdentityDir(state_dir).string());
    }
  } else if (known.status().code() != StatusCode::kNotFound) {
    return known.status();
  }
  const security::Tpm2Provider* const provider = tpm.get();
  auto keys = std::make_unique<PemIdentityKeys>([provider]() -> StatusOr<std::string> {
    LogInfo("identity.key_made", {{"in", "tpm2"}});
    return provider->context().MakeKey(security::KeyKind::kEcdsaP256, "");
  });
  return DeviceKey(std::move(tpm), std::move(keys));
}

}  // namespace flotilla::agent
