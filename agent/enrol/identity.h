#ifndef FLOTILLA_AGENT_ENROL_IDENTITY_H_
#define FLOTILLA_AGENT_ENROL_IDENTITY_H_

#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "security/x509/ec_key.h"

namespace flotilla::agent {

// What the device is to the controller: state_dir/identity/{device_id, device.key, device.crt,
// ca.crt}, all of mode 0600. The key is made here and never leaves.
struct Identity {
  std::string device_id;
  std::string key_pem;
  std::string chain_pem;  // leaf first
  std::string ca_pem;
};

std::filesystem::path IdentityDir(const std::filesystem::path& state_dir);
std::filesystem::path DeviceKeyPath(const std::filesystem::path& state_dir);
std::filesystem::path DeviceCertificatePath(const std::filesystem::path& state_dir);
std::filesystem::path CaCertificatePath(const std::filesystem::path& state_dir);

// NOT_FOUND until the device is enrolled.
StatusOr<Identity> LoadIdentity(const std::filesystem::path& state_dir);
// Durable; the certificate last, so that an identity that can be loaded is whole.
Status SaveIdentity(DurableFs& fs, const std::filesystem::path& state_dir,
                    const Identity& identity);

// The device's key, made and saved durably at the first call.
StatusOr<security::EcKey> LoadOrMakeKey(DurableFs& fs, const std::filesystem::path& state_dir);

// Hash over machine id, board serial and an id made at installation (state_dir/identity/install_id,
// written at the first call): 32 bytes. Two machines with a copy of one state folder differ in it.
StatusOr<Bytes> MachineFingerprint(DurableFs& fs, Random& random,
                                   const std::filesystem::path& state_dir);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_IDENTITY_H_
