#ifndef FLOTILLA_AGENT_ENROL_ENROLMENT_H_
#define FLOTILLA_AGENT_ENROL_ENROLMENT_H_

#include <filesystem>
#include <memory>
#include <string>

#include "flotilla/v1/enrolment.pb.h"

#include "agent/enrol/identity.h"
#include "agent/enrol/identity_key.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "security/http_proxy.h"

namespace flotilla::agent {

// Port: the two calls of the enrolment listener. Blocking. Real: GrpcEnrolmentClient
// (agent/session). Errors as EnrolmentService; UNAVAILABLE, DEADLINE_EXCEEDED: try again.
class EnrolmentClient {
 public:
  virtual ~EnrolmentClient() = default;
  // `ca_pem` are the only authorities that the server's certificate may hang under.
  virtual StatusOr<v1::EnrollResponse> Enroll(const v1::EnrollRequest& request,
                                              const std::string& ca_pem) = 0;
  virtual StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request,
                                            const std::string& ca_pem) = 0;
  // Ends a call that is open, and every later one, with CANCELLED. From any thread.
  virtual void Cancel() = 0;

 protected:
  EnrolmentClient() = default;
  EnrolmentClient(const EnrolmentClient&) = default;
  EnrolmentClient& operator=(const EnrolmentClient&) = default;
};

struct EnrolmentOptions {
  std::filesystem::path state_dir;
  std::string address;  // "host:port" of the enrolment listener
  std::filesystem::path token_file;
  std::string device_id;  // wanted; empty: the controller's choice
  v1::DeviceFacts facts;
  std::string serial;  // of the hardware
  // The manufacturer's certificate chain and key, PEM; empty: none.
  std::filesystem::path factory_certificate;
  std::filesystem::path factory_key;
  // The controller is looked at through it; null: there is none.
  std::shared_ptr<const security::HttpProxy> proxy = nullptr;
};

struct EnrolmentParts {
  EnrolmentClient& client;
  IdentityKeys& keys;
  DurableFs& fs;
  Random& random;
};

// Makes this device known to the controller, once. With a token: looks at the certificates that the
// server shows, compares the authority's digest with the pin in the token, and only then sends the
// token and a CSR for the device's own key. Without one: the CA that was put into
// state_dir/identity/ca.crt beforehand is the only one that the controller may hang under; the
// device shows its factory certificate, when it has one, or asks and waits for a person.
// Idempotent: the same key is used after a failure. Blocking. The identity that is there is
// returned without a call, unless it was given to another machine (a golden image, a cloned card):
// that one is wiped first. UNAUTHENTICATED: the server is not the one the token names, or refuses
// the token; INVALID_ARGUMENT: nothing to enrol with; UNAVAILABLE with
// CONTROL_WAITING_FOR_APPROVAL: ask again after `retry_after`, which is set then.
StatusOr<Identity> EnsureEnrolled(const EnrolmentOptions& options, const EnrolmentParts& parts,
                                  Duration& retry_after);

enum class KeyRotation { kUnspecified = 0, kKeep, kNew };

// A new certificate, saved durably as the next identity (identity.h); the present one stays, and so
// do the CAs on disk: those of the answer are in what is returned. A new key is made and kept
// before it is asked for. Blocking. PERMISSION_DENIED with CONTROL_DECOMMISSIONED: the device left
// the fleet.
StatusOr<Identity> RenewIdentity(const std::filesystem::path& state_dir, KeyRotation rotation,
                                 const EnrolmentParts& parts);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_ENROLMENT_H_
