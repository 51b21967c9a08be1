// What an aggregator needs before it can serve, made once: its identity, its certificates, an empty
// list of devices.
#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_SETUP_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_SETUP_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "security/key_file.h"
#include "telemetry/aggregator/aggregator_options.h"

namespace flotilla::telemetry {

struct SetupStep {
  std::string what;
  std::filesystem::path path;
  bool made = false;  // else it was there
};

struct SetupReport {
  std::vector<SetupStep> steps;
  Digest identity;  // SHA-256 of the identity key's SubjectPublicKeyInfo
};

// Name of the only peer that an aggregator talks to: "flotilla:operator:leader" in its certificate.
inline constexpr char kLeaderName[] = "leader";

// Makes what is missing; what is there stays, but for a server certificate that ends within 30 days
// or does not name all hosts. The state folder gets mode 0700. Idempotent, so a run that was cut
// off is simply done again. FAILED_PRECONDITION: a certificate without its key; else as of files.
StatusOr<SetupReport> SetUp(const AggregatorOptions& options, DurableFs& fs, Random& random,
                            Time now);

// Makes the server's certificate anew when it is time, as SetUp does. True: it did.
StatusOr<bool> RenewServer(const AggregatorOptions& options, DurableFs& fs, Time now);

// Writes <folder>/{helper-ca.crt, leader.crt, leader.key}, for the controller: whom it talks to,
// and what opens that door. Each call makes a new key; certificates of earlier calls stay good
// until their end, in a year. Errors as of files and the authority.
Status IssueLeader(const StateLayout& layout, const std::filesystem::path& folder, DurableFs& fs,
                   Time now);

// The identity key. NOT_FOUND: there is none; the text says to run init.
StatusOr<std::unique_ptr<security::KeyPair>> LoadIdentityKey(const StateLayout& layout);
// SHA-256 of its SubjectPublicKeyInfo: what people read to each other.
Digest FingerprintOf(const security::PublicKey& identity);

// What the listener is made of. NOT_FOUND: it is not set up.
struct ServerCredential {
  std::string chain_pem;  // leaf first, the authority last
  std::string key_pem;
  std::string ca_pem;
};
StatusOr<ServerCredential> LoadServerCredential(const StateLayout& layout);

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_SETUP_H_
