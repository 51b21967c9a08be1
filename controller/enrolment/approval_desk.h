#ifndef FLOTILLA_CONTROLLER_ENROLMENT_APPROVAL_DESK_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_APPROVAL_DESK_H_

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>

#include "flotilla/v1/enrolment.pb.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "base/token_bucket.h"

namespace flotilla::controller {

struct ApprovalLimits {
  std::size_t most = 1000;  // requests that wait at once
  Duration life = absl::Hours(24);
  // New requests of one address: so many at once, then one in so long.
  double burst = 10;
  Duration pace = absl::Minutes(1);
  // Devices ask so often how it stands.
  Duration retry = absl::Seconds(30);
};

// Devices that asked for a certificate without a token and wait for a person. In memory: after a
// restart they ask again by themselves, and an approval whose certificate was not fetched has to be
// given again. Fleet loop only.
class ApprovalDesk {
 public:
  ApprovalDesk(const ApprovalLimits& limits, const Clock& clock, Random& random);

  // The request of this key, new or known, with its decision. `source` is the address of the asker.
  // RESOURCE_EXHAUSTED: the queue is full, or the source asks too much.
  StatusOr<v1::EnrolmentRequest> Ask(const v1::EnrollRequest& request, const Digest& key,
                                     const std::string& factory_subject, const std::string& source);
  // The device has its certificate, or its refusal.
  void Forget(const std::string& id) { requests_.erase(id); }

  // Oldest first.
  v1::ListEnrolmentRequestsResponse List();
  // OK twice. NOT_FOUND; FAILED_PRECONDITION: decided otherwise; INVALID_ARGUMENT: no decision, bad
  // labels.
  StatusOr<v1::EnrolmentRequest> Decide(const v1::DecideEnrolmentRequestRequest& decision,
                                        const std::string& actor);
  // Labels that the approval named.
  const google::protobuf::Map<std::string, std::string>& LabelsOf(const std::string& id) const;
  Duration retry() const { return limits_.retry; }

 private:
  struct Waiting {
    v1::EnrolmentRequest request;
    google::protobuf::Map<std::string, std::string> labels;
  };
  void DropOld();
  Status TakeFrom(const std::string& source);

  const ApprovalLimits limits_;
  const Clock& clock_;
  Random& random_;
  std::map<std::string, Waiting> requests_;
  std::unordered_map<std::string, TokenBucket> sources_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_APPROVAL_DESK_H_
