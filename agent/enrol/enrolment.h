#ifndef FLOTILLA_AGENT_ENROL_ENROLMENT_H_
#define FLOTILLA_AGENT_ENROL_ENROLMENT_H_

#include <filesystem>
#include <string>

#include "flotilla/v1/enrolment.pb.h"

#include "agent/enrol/identity.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"

namespace flotilla::agent {

// Port: the two calls of the enrolment listener. Blocking. Real: GrpcEnrolmentClient
// (agent/session). Errors as EnrolmentService; UNAVAILABLE, DEADLINE_EXCEEDED: try again.
class EnrolmentClient {
 public:
  virtual ~EnrolmentClient() = default;
  // `ca_pem` is the only authority that the server's certificate may hang under.
  virtual StatusOr<v1::EnrollResponse> Enroll(const v1::EnrollRequest& request,
                                              const std::string& ca_pem) = 0;
  virtual StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request,
                                            const std::string& ca_pem) = 0;

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
};

// Makes this device known to the controller, once: looks at the certificates that the server shows,
// compares the authority's digest with the pin in the token, and only then sends the token and a
// CSR for the device's own key. Idempotent: the same key is used after a failure. Blocking. The
// identity that is there is returned without a call. UNAUTHENTICATED: the server is not the one the
// token names, or refuses the token; INVALID_ARGUMENT: no token file or no token in it.
StatusOr<Identity> EnsureEnrolled(const EnrolmentOptions& options, EnrolmentClient& client,
                                  DurableFs& fs, Random& random);

// A new certificate for the same key, saved durably.
StatusOr<Identity> RenewIdentity(const std::filesystem::path& state_dir, EnrolmentClient& client,
                                 DurableFs& fs);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_ENROLMENT_H_
