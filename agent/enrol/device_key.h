#ifndef FLOTILLA_AGENT_ENROL_DEVICE_KEY_H_
#define FLOTILLA_AGENT_ENROL_DEVICE_KEY_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/durable_fs.h"
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

// The device's key made ready for everything that reads identity/device.key as PEM: certificate
// requests, proofs, gRPC, libcurl. For a key in a file there is nothing to do. For one in the TPM
// the file holds a text that only this TPM can use; the key itself was made there and never leaves.
// Make it before gRPC or any other thread starts, and keep it as long as they run.
class DeviceKey {
 public:
  // Makes the key in the TPM, durably, at the first call. UNAVAILABLE: no TPM answers;
  // FAILED_PRECONDITION: the key belongs to another TPM, the device already has a key in a file,
  // or a package is missing; RESOURCE_EXHAUSTED: the TPM is full.
  static StatusOr<DeviceKey> Prepare(const DeviceKeyPlace& place, DurableFs& fs,
                                     const std::filesystem::path& state_dir);

 private:
  explicit DeviceKey(std::unique_ptr<security::Tpm2Provider> tpm) : tpm_(std::move(tpm)) {}

  std::unique_ptr<security::Tpm2Provider> tpm_;  // null: a file
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_DEVICE_KEY_H_
