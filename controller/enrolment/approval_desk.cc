#include "controller/enrolment/approval_desk.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "controller/enrolment/labels.h"
#include "controller/fleet/proto_time.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kIdBytes = 6;
constexpr std::size_t kMaxSources = 10'000;

}  // namespace

ApprovalDesk::ApprovalDesk(const ApprovalLimits& limits, const Clock& clock, Random& random)
    : limits_(limits), clock_(clock), random_(random) {}

void ApprovalDesk::DropOld() {
  const Time now = clock_.Now();
  std::erase_if(requests_, [&](const auto& entry) {
    return FromProto(entry.second.request.expires_at()) <= now;
  });
}

Status ApprovalDesk::TakeFrom(const std::string& source) {
  if (sources_.size() >= kMaxSources) {
    sources_.clear();
  }
  const double per_second = 1.0 / absl::ToDoubleSeconds(limits_.pace);
  TokenBucket& bucket = sources_.try_emplace(source, per_second, limits_.burst).first->second;
  return bucket.TryTake(clock_.Monotonic(), 1)
             ? OkStatus()
             : ResourceExhausted("too many requests for approval from this address");
}

StatusOr<v1::EnrolmentRequest> ApprovalDesk::Ask(const v1::EnrollRequest& request,
                                                 const Digest& key,
                                                 const std::string& factory_subject,
                                                 const std::string& source) {
  DropOld();
  const std::string key_bytes = ToText(key.bytes());
  const auto known = std::find_if(requests_.begin(), requests_.end(), [&](const auto& entry) {
    return entry.second.request.key_sha256() == key_bytes;
  });
  if (known != requests_.end()) {
    return known->second.request;
  }
  if (requests_.size() >= limits_.most) {
    return ResourceExhausted("too many devices wait for approval");
  }
  FLOTILLA_RETURN_IF_ERROR(TakeFrom(source));
  std::array<std::uint8_t, kIdBytes> id{};
  random_.Fill(id);
  Waiting waiting;
  v1::EnrolmentRequest& asked = waiting.request;
  asked.set_id(HexEncode(id));
  asked.set_device_id(request.device_id());
  asked.set_serial(request.serial());
  asked.set_csr_der(request.csr_der());
  asked.set_key_sha256(key_bytes);
  asked.set_machine_fingerprint(request.machine_fingerprint());
  *asked.mutable_facts() = request.facts();
  asked.set_factory_subject(factory_subject);
  *asked.mutable_asked_at() = ToProto(clock_.Now());
  *asked.mutable_expires_at() = ToProto(clock_.Now() + limits_.life);
  return requests_.insert_or_assign(asked.id(), waiting).first->second.request;
}

v1::ListEnrolmentRequestsResponse ApprovalDesk::List() {
  DropOld();
  v1::ListEnrolmentRequestsResponse response;
  for (const auto& [id, waiting] : requests_) {
    *response.add_requests() = waiting.request;
  }
  std::stable_sort(response.mutable_requests()->begin(), response.mutable_requests()->end(),
                   [](const v1::EnrolmentRequest& a, const v1::EnrolmentRequest& b) {
                     return FromProto(a.asked_at()) < FromProto(b.asked_at());
                   });
  return response;
}

StatusOr<v1::EnrolmentRequest> ApprovalDesk::Decide(
    const v1::DecideEnrolmentRequestRequest& decision, const std::string& actor) {
  DropOld();
  if (decision.decision() != v1::ENROLMENT_DECISION_APPROVED &&
      decision.decision() != v1::ENROLMENT_DECISION_DENIED) {
    return InvalidArgument("approve or deny");
  }
  FLOTILLA_RETURN_IF_ERROR(CheckLabels(decision.labels()));
  const auto found = requests_.find(decision.id());
  if (found == requests_.end()) {
    return NotFound("no device waits with the request " + decision.id());
  }
  Waiting& waiting = found->second;
  if (waiting.request.decision() == v1::ENROLMENT_DECISION_UNSPECIFIED) {
    waiting.request.set_decision(decision.decision());
    waiting.request.set_decided_by(actor);
    waiting.labels = decision.labels();
  } else if (waiting.request.decision() != decision.decision()) {
    return FailedPrecondition("the request " + decision.id() + " was decided otherwise by " +
                              waiting.request.decided_by());
  }
  return waiting.request;
}

const google::protobuf::Map<std::string, std::string>& ApprovalDesk::LabelsOf(
    const std::string& id) const {
  static const google::protobuf::Map<std::string, std::string> none;
  const auto found = requests_.find(id);
  return found == requests_.end() ? none : found->second.labels;
}

}  // namespace flotilla::controller
