// The key that a device signs its private reports with, so that the helper counts registered
// devices without believing the leader. Ed25519; a file of its own, apart from the device's
// identity, which the controller knows.
#ifndef FLOTILLA_AGENT_HEALTH_REPORTING_KEY_H_
#define FLOTILLA_AGENT_HEALTH_REPORTING_KEY_H_

#include <filesystem>
#include <memory>
#include <string>

#include "base/durable_fs.h"
#include "base/status.h"
#include "security/key_file.h"

namespace flotilla::agent {

// Before the first identity of a device is saved: its empty ledger, then its reporting key. The
// ledger is made only where no reporting key is: a device that has one may have reported, and a
// ledger that is missing there was lost. Idempotent; after a power cut, call it again. Blocking.
Status PrepareToReport(DurableFs& fs, const std::filesystem::path& state_dir);

// The key; made, durably, where there is none. reporting.pub is written anew when it is missing.
// Never makes a ledger. Errors: as of the disk and of LoadSigner (a damaged key is not replaced).
StatusOr<std::unique_ptr<security::KeyPair>> ReportingKey(DurableFs& fs,
                                                          const std::filesystem::path& state_dir);

// The identity that is here belongs to another machine, and so does the key: forgets it with the
// reports that it signed. The ledger stays: what was spent may have been spent here. Idempotent.
Status ForgetReportingKey(DurableFs& fs, const std::filesystem::path& state_dir);

// The line for the helper's list of devices: "<base64 SubjectPublicKeyInfo> <device id>".
// NOT_FOUND: no agent of this version has run here yet. Reads only.
StatusOr<std::string> ReportingKeyLine(const std::filesystem::path& state_dir,
                                       const std::string& device_id);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_REPORTING_KEY_H_
