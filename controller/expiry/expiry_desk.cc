#include "controller/expiry/expiry_desk.h"

#include <cstddef>
#include <string>
#include <utility>

#include "base/log.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"

namespace flotilla::controller {
namespace {

constexpr Duration kLookEvery = absl::Minutes(10);
constexpr std::size_t kRecalled = 1000;
constexpr char kWarning[] = "expiry.warning";

}  // namespace

ExpiryDesk::ExpiryDesk(Fleet& fleet, const Catalogue& catalogue, Own own, Executor& worker,
                       const Clock& clock)
    : fleet_(fleet), catalogue_(catalogue), own_(std::move(own)), worker_(worker), clock_(clock) {}

void ExpiryDesk::Start() {
  fleet_.ListAudit(0, kRecalled, [this](const auto& entries) {
    Recall(entries.value_or(std::vector<v1::AuditEntry>()));
    Look();
  });
}

void ExpiryDesk::Look() {
  List([this](const v1::ListExpiryResponse& list) { Warn(list); });
  worker_.PostAfter(kLookEvery, [this] { fleet_.Post([this] { Look(); }); });
}

void ExpiryDesk::List(const std::function<void(const v1::ListExpiryResponse&)>& done) {
  worker_.Post([this, done] {
    fleet_.Post([this, done, roles = catalogue_.Expiries()]() mutable {
      roles_ = std::move(roles);
      done(Newest());
    });
  });
}

v1::ListExpiryResponse ExpiryDesk::Newest() const {
  return MakeExpiryList(roles_, own_(), fleet_.state(), clock_.Now());
}

void ExpiryDesk::Recall(const std::vector<v1::AuditEntry>& entries) {
  for (const v1::AuditEntry& entry : entries) {
    if (entry.action() == kWarning) {
      told_.try_emplace(entry.subject(), entry.detail());
    }
  }
}

void ExpiryDesk::Warn(const v1::ListExpiryResponse& list) {
  FleetChange change;
  for (const v1::Expiry& item : list.items()) {
    const Time end = FromProto(item.expires_at());
    const int band = ExpiryBandOf(end - clock_.Now());
    // Devices are counted in the metrics and the list, not told one by one.
    if (band == 0 || item.next_step().empty() ||
        item.kind() == v1::EXPIRY_KIND_DEVICE_CERTIFICATE) {
      continue;
    }
    const std::string subject = "expiry/" + ExpiryKindName(item.kind()) + "/" + item.name();
    std::string detail =
        "ends " + UtcText(end) + ", within " + std::to_string(band) + " days: " + item.next_step();
    std::string& told = told_[subject];
    if (told == detail) {
      continue;
    }
    told = detail;
    LogWarning(kWarning, {{"what", subject}, {"ends", UtcText(end)}, {"days", band}});
    change.audit.push_back(MakeAuditEntry(kControllerActor, kWarning, subject, detail));
  }
  if (!change.empty()) {
    fleet_.Apply(std::move(change), nullptr);
  }
}

}  // namespace flotilla::controller
