#ifndef FLOTILLA_CONTROLLER_ACCESS_OPERATOR_DESK_H_
#define FLOTILLA_CONTROLLER_ACCESS_OPERATOR_DESK_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "flotilla/v1/admin.pb.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/fleet/fleet.h"
#include "security/x509/authority.h"
#include "security/x509/operator_role.h"
#include "security/x509/peer.h"

namespace flotilla::controller {

// Certificates of operators: who has one, who gets one, whose stops working. Fleet loop only.
// Callbacks run there, after what they tell is durable. `actor`: "operator:alice".
class OperatorDesk {
 public:
  using Issue = std::function<StatusOr<security::IssuedCertificate>(
      ByteView csr_der, std::string_view name, security::OperatorRole role, Time now,
      Duration life)>;

  // `issue` signs with the authority that issues now. What is given outlives the desk.
  OperatorDesk(Fleet& fleet, Issue issue, const Clock& clock)
      : fleet_(fleet), issue_(std::move(issue)), clock_(clock) {}

  // A certificate that was made outside, as the first operator's; known ones are left alone.
  void Note(const security::PeerIdentity& peer);

  // INVALID_ARGUMENT: name, role, CSR, or a life out of 1 h to 400 days; ALREADY_EXISTS: somebody
  // has the name and `renew` is not set. A renewal with another role revokes the certificates of
  // the old one: nobody keeps what was taken from him.
  void Add(const v1::AddOperatorRequest& request, const std::string& actor,
           const std::function<void(StatusOr<v1::AddOperatorResponse>)>& done);
  // Newest first within a name.
  std::vector<v1::Operator> List() const;
  // Every certificate of the name stops working at once; OK twice. NOT_FOUND;
  // FAILED_PRECONDITION: the last admin.
  void Revoke(const v1::RevokeOperatorRequest& request, const std::string& actor,
              const std::function<void(StatusOr<v1::Operator>)>& done);
  // The caller's own certificate, whether it is known here or not.
  v1::Operator Self(const security::PeerIdentity& peer) const;

 private:
  // Those that work now.
  std::vector<v1::Operator> Working(const std::string& name) const;
  bool AnotherAdminThan(const std::string& name) const;
  void AppendRevoked(const std::vector<v1::Operator>& certificates, FleetChange& change) const;

  Fleet& fleet_;
  const Issue issue_;
  const Clock& clock_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ACCESS_OPERATOR_DESK_H_
