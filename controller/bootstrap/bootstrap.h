#ifndef FLOTILLA_CONTROLLER_BOOTSTRAP_BOOTSTRAP_H_
#define FLOTILLA_CONTROLLER_BOOTSTRAP_BOOTSTRAP_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/bootstrap/authority_store.h"

namespace flotilla::controller {

struct BootstrapOptions {
  std::filesystem::path state_dir;
  // Names and addresses that agents and operators reach the controller by; "localhost" and
  // "127.0.0.1" are added. At most 16.
  std::vector<std::string> host_names;
  std::string operator_name = "admin";
  // Where the CA's key lies, and who opens it; empty: ca/ca.key.
  std::string ca_key;
  OpenKey open_key;
};

struct BootstrapStep {
  std::string what;  // "operator authority"
  std::filesystem::path path;
  bool made = false;  // false: it was there already
};

struct BootstrapReport {
  std::vector<BootstrapStep> steps;
  Digest authority;  // fingerprint: the pin in enrolment tokens
};

// Makes what a controller needs before its first start, and leaves alone what is there: the
// authority, the server certificate (made anew when it does not name all hosts or ends within 30
// days), the first operator's certificate also when another CA issues since, the online keys of
// snapshot and timestamp with their .pub, the first operator's certificate, the folders of the
// repository. Everything durable; private keys have mode 0600. Blocking. Crash: call it again.
// Errors: INVALID_ARGUMENT: a host name or operator name is none. FAILED_PRECONDITION: half of a
// pair is missing (a certificate without its key): nobody but the owner can tell what to do.
StatusOr<BootstrapReport> Bootstrap(const BootstrapOptions& options, DurableFs& fs, Time now);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BOOTSTRAP_BOOTSTRAP_H_
