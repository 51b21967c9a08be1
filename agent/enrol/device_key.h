#ifndef FLOTILLA_AGENT_ENROL_DEVICE_KEY_H_
#define FLOTILLA_AGENT_ENROL_DEVICE_KEY_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "agent/enrol/identity_key.h"
#include "base/status.h"
#include "security/tpm2/tpm2_provider.h"

namespace flotilla::agent {

// Where the device's key lives, as the configuration says it in `device_key`.
struct DeviceKeyPlace {
  bool in_tpm = false;
  std::string tcti;  // empty: the TPM that the system offers
};

// "" or "file": a file in state_dir; "tpm2" or "tpm2:TCTI" (also "tpm2:tcti=TCTI"): this machine's
// TPM. INVALID_ARGUMENT otherwise.
StatusOr<DeviceKeyPlace> ParseDeviceKey(const std::string& text);

// The device's keys made ready for everything that reads them as PEM: certificate requests, proofs,
// gRPC, libcurl. For a key in a file there is nothing to do. For one in the TPM the identity folder
// holds a text that only this TPM can use; the key itself is made there and never leaves.
// Make it before gRPC or any other thread starts, and keep it as long as they run.
class DeviceKey {
 public:
  // Opens the TPM and looks at the key that the device has. UNAVAILABLE: no TPM answers;
  // FAILED_PRECONDITION: the key belongs to another TPM, the device already has a key in a file,
  // or a package is missing.
  static StatusOr<DeviceKey> Prepare(const DeviceKeyPlace& place,
                                     const std::filesystem::path& state_dir);

  // Where new keys are made (RESOURCE_EXHAUSTED: the TPM is full). It lives as long as this.
  IdentityKeys& keys() const { return *keys_; }

 private:
  DeviceKey(std::unique_ptr<security::Tpm2Provider> tpm, std::unique_ptr<IdentityKeys> keys)
      : tpm_(std::move(tpm)), keys_(std::move(keys)) {}

  std::unique_ptr<security::Tpm2Provider> tpm_;  // null: a file
  std::unique_ptr<IdentityKeys> keys_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_DEVICE_KEY_H_
