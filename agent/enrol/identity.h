#ifndef FLOTILLA_AGENT_ENROL_IDENTITY_H_
#define FLOTILLA_AGENT_ENROL_IDENTITY_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "agent/enrol/identity_key.h"
#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"

namespace flotilla::agent {

// What the device is to the controller: state_dir/identity/{device_id, device.pem (key, then
// certificate chain), ca.crt, fingerprint}, all of mode 0600. The key is made here and never
// leaves. next.pem is a renewed identity that no session has used yet; wanted.key a key that a
// certificate was asked for.
struct Identity {
  std::string device_id;
  std::string key_pem;
  std::string chain_pem;  // leaf first
  std::string ca_pem;     // every CA that the controller's certificate may hang under
};

std::filesystem::path IdentityDir(const std::filesystem::path& state_dir);
// Key and certificate chain in one file: replaced in one step, so that a reader never sees the one
// without the other.
std::filesystem::path DevicePemPath(const std::filesystem::path& state_dir);
std::filesystem::path CaCertificatePath(const std::filesystem::path& state_dir);

// NOT_FOUND until the device is enrolled.
StatusOr<Identity> LoadIdentity(const std::filesystem::path& state_dir);
// Durable; device.pem last, so that an identity that can be loaded is whole.
Status SaveIdentity(DurableFs& fs, const std::filesystem::path& state_dir,
                    const Identity& identity);

// A renewed identity. NOT_FOUND: none waits.
StatusOr<Identity> LoadNextIdentity(const std::filesystem::path& state_dir);
Status SaveNextIdentity(DurableFs& fs, const std::filesystem::path& state_dir,
                        const Identity& identity);
// The next identity becomes the identity, in one step. NOT_FOUND: none waits.
Status PromoteNextIdentity(DurableFs& fs, const std::filesystem::path& state_dir);
Status DropNextIdentity(DurableFs& fs, const std::filesystem::path& state_dir);

Status SaveCaBundle(DurableFs& fs, const std::filesystem::path& state_dir,
                    const std::string& ca_pem);

// The key that the device is known by, or asked for a certificate with. NOT_FOUND: none yet.
StatusOr<std::string> KnownKeyPem(const std::filesystem::path& state_dir);
// The key that a certificate is being asked for, made and saved durably at the first call: a lost
// answer is asked for again with the same key.
StatusOr<std::unique_ptr<IdentityKey>> WantedKey(DurableFs& fs, IdentityKeys& keys,
                                                 const std::filesystem::path& state_dir);

// A key that was asked for and whose answer did not come.
bool HasWantedKey(const std::filesystem::path& state_dir);

// Whether `fingerprint` is that of the machine which the identity was given to; the first call
// after an enrolment by an older agent writes it down.
StatusOr<bool> IsOwnMachine(DurableFs& fs, const std::filesystem::path& state_dir,
                            ByteView fingerprint);
Status SaveFingerprint(DurableFs& fs, const std::filesystem::path& state_dir, ByteView fingerprint);

// Overwrites and removes keys, certificates and all else that the controller knows this device by.
// Idempotent; after a crash call it again.
Status WipeIdentity(DurableFs& fs, const std::filesystem::path& state_dir);

// For people: whose identity was found here and wiped, because it belonged to another machine.
Status NoteCopiedFrom(DurableFs& fs, const std::filesystem::path& state_dir,
                      const std::string& device_id);
// Empty when there was none, or the device enrolled by itself since.
std::string CopiedFrom(const std::filesystem::path& state_dir);

// Hash over machine id, board serial and an id made at installation (state_dir/identity/install_id,
// written at the first call): 32 bytes. Two boards with a copy of one state folder differ in it.
StatusOr<Bytes> MachineFingerprint(DurableFs& fs, Random& random,
                                   const std::filesystem::path& state_dir);
// The hardware's serial number by its firmware, at most 64 characters; empty when it tells none.
std::string HardwareSerial();

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_IDENTITY_H_
