#ifndef FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_STORE_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"

#include "flotilla/v1/device.pb.h"

namespace flotilla::controller {

// An enrolment token as it is kept: never its secret.
struct TokenRecord {
  std::string id;
  Digest secret_hash;  // SHA-256 of the secret's text
  std::uint32_t max_uses = 1;
  std::uint32_t uses = 0;
  Time created_at;
  Time expires_at;
  std::string created_by;  // operator name
  bool revoked = false;
  std::map<std::string, std::string> labels;
};

// The certificate that a device holds: the newest issued to it. Older ones stop working when a
// device enrols anew with another key; after a renewal they live to their end.
struct CertificateRecord {
  std::string device_id;
  std::string serial_hex;
  Digest spki;           // SHA-256 of the public key
  std::string token_id;  // the enrolment that the key came with
  Time issued_at;
  Time not_after;
};

// What one call changes: all of it or nothing.
struct EnrolmentChange {
  std::optional<TokenRecord> token;
  std::optional<CertificateRecord> certificate;
  std::optional<v1::Device> device;
  // Serial that stops working with this change; empty for none.
  std::string revoked_serial;
  // For the audit log: "token.create", "device.enrol", ...; its actor and subject.
  std::string action;
  std::string actor;
  std::string subject;
};

// Port: where Enrolment keeps its state. Lives on the fleet loop. Real: the fleet's adapter. Fake:
// FakeEnrolmentStore (tests/support).
class EnrolmentStore {
 public:
  using Done = std::function<void(Status)>;

  virtual ~EnrolmentStore() = default;
  virtual std::optional<TokenRecord> FindToken(const std::string& id) const = 0;
  virtual std::vector<TokenRecord> Tokens() const = 0;
  virtual std::optional<CertificateRecord> FindCertificate(const std::string& device_id) const = 0;
  // Null when there is none; valid until the loop's next task.
  virtual const v1::Device* FindDevice(const std::string& device_id) const = 0;
  // Seen by the Finds at once, so that a token's last use cannot be given twice; `done` runs on the
  // fleet loop once it is durable, or with an error, and the change is then taken back.
  virtual void Commit(EnrolmentChange change, Done done) = 0;

 protected:
  EnrolmentStore() = default;
  EnrolmentStore(const EnrolmentStore&) = default;
  EnrolmentStore& operator=(const EnrolmentStore&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_STORE_H_
