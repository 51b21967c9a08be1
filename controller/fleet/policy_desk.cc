#include "controller/fleet/policy_desk.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"

namespace flotilla::controller {
namespace {

std::string FreezeSubject(const std::string& name) {
  return absl::StrCat("freeze/", name);
}

std::string Because(const std::string& reason) {
  return reason.empty() ? std::string() : absl::StrCat(": ", reason);
}

}  // namespace

void PolicyDesk::Record(rollout::RolloutChange moved, v1::AuditEntry entry,
                        const std::function<void(const Status&)>& done) {
  FleetChange change;
  change.audit.push_back(std::move(entry));
  ledger_.Record(std::move(change), std::move(moved), done);
}

void PolicyDesk::CreateFreeze(const v1::CreateFreezeRequest& request, const std::string& actor,
                              const std::function<void(StatusOr<v1::CreateFreezeResponse>)>& done) {
  auto moved = book_.CreateFreeze(request.freeze(), ActorName(actor), clock_.Now());
  if (!moved.ok()) {
    done(moved.status());
    return;
  }
  const std::string& name = request.freeze().name();
  v1::CreateFreezeResponse response;
  if (const v1::Freeze* freeze = book_.policies().FindFreeze(name); freeze != nullptr) {
    *response.mutable_freeze() = *freeze;
  }
  response.set_matching_devices(book_.CountMatching(request.freeze().selector()).value_or(0));
  const v1::Freeze& freeze = response.freeze();
  const std::string whom =
      freeze.selector().empty() ? std::string("every device") : freeze.selector();
  Record(*std::move(moved),
         MakeAuditEntry(actor, "freeze.create", FreezeSubject(name),
                        absl::StrCat(whom, ", from ", UtcText(FromProto(freeze.from())), " until ",
                                     UtcText(FromProto(freeze.until())), Because(freeze.reason()))),
         [done, response](const Status& status) {
           done(status.ok() ? StatusOr<v1::CreateFreezeResponse>(response) : status);
         });
}

void PolicyDesk::DeleteFreeze(const v1::DeleteFreezeRequest& request, const std::string& actor,
                              const std::function<void(const Status&)>& done) {
  auto moved = book_.DeleteFreeze(request.name(), clock_.Now());
  if (!moved.ok()) {
    done(moved.status());
    return;
  }
  Record(*std::move(moved),
         MakeAuditEntry(actor, "freeze.delete", FreezeSubject(request.name()), request.comment()),
         done);
}

void PolicyDesk::PinDevice(const v1::PinDeviceRequest& request, const std::string& actor,
                           const std::function<void(StatusOr<v1::PinDeviceResponse>)>& done) {
  v1::Pin pin;
  pin.set_device_id(request.device_id());
  pin.mutable_release()->set_line(request.line());
  pin.mutable_release()->set_version(request.version());
  pin.set_reason(request.reason());
  auto moved = book_.PinDevice(pin, ActorName(actor), clock_.Now());
  if (!moved.ok()) {
    done(moved.status());
    return;
  }
  v1::PinDeviceResponse response;
  if (const v1::Pin* made = book_.policies().PinOf(request.device_id(), request.line());
      made != nullptr) {
    *response.mutable_pin() = *made;
  }
  Record(*std::move(moved),
         MakeAuditEntry(
             actor, "device.pin", absl::StrCat("device/", request.device_id()),
             absl::StrCat(request.line(), " ", request.version(), Because(request.reason()))),
         [done, response](const Status& status) {
           done(status.ok() ? StatusOr<v1::PinDeviceResponse>(response) : status);
         });
}

void PolicyDesk::UnpinDevice(const v1::UnpinDeviceRequest& request, const std::string& actor,
                             const std::function<void(const Status&)>& done) {
  auto moved = book_.UnpinDevice(request.device_id(), request.line(), clock_.Now());
  if (!moved.ok()) {
    done(moved.status());
    return;
  }
  Record(*std::move(moved),
         MakeAuditEntry(actor, "device.unpin", absl::StrCat("device/", request.device_id()),
                        absl::StrCat(request.line(), Because(request.comment()))),
         done);
}

}  // namespace flotilla::controller
