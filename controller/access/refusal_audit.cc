#include "controller/access/refusal_audit.h"

#include <string>
#include <utility>

#include "controller/access/permissions.h"
#include "controller/fleet/audit_entry.h"

namespace flotilla::controller {
namespace {

constexpr double kEntriesPerSecond = 10;
constexpr double kEntriesAtOnce = 100;

}  // namespace

std::string ActorOf(const security::PeerIdentity* peer) {
  if (peer == nullptr) {
    return "unknown";
  }
  switch (peer->kind) {
    case security::PeerKind::kOperator:
      return "operator:" + peer->name;
    case security::PeerKind::kDevice:
      return "device:" + peer->name;
    default:
      return "server:" + peer->name;
  }
}

RefusalAudit::RefusalAudit(Fleet& fleet, const Clock& clock)
    : fleet_(fleet), clock_(clock), entries_(kEntriesPerSecond, kEntriesAtOnce) {}

void RefusalAudit::Note(const security::PeerIdentity* peer, const std::string& what,
                        const Status& why) {
  const Permission* const row = FindPermission(what);
  if (row != nullptr && row->effect == Effect::kRead) {
    return;
  }
  fleet_.Post([this, actor = ActorOf(peer), what, why] { Write(actor, what, why); });
}

void RefusalAudit::Write(const std::string& actor, const std::string& what, const Status& why) {
  if (!entries_.TryTake(clock_.Monotonic(), 1)) {
    ++left_out_;
    return;
  }
  std::string detail = MessageOf(why);
  if (left_out_ > 0) {
    detail += " (" + std::to_string(std::exchange(left_out_, 0)) +
              " refusals before this one are not listed)";
  }
  FleetChange change;
  change.audit.push_back(MakeAuditEntry(actor, "access.refused", what, detail));
  fleet_.Apply(std::move(change), nullptr);
}

}  // namespace flotilla::controller
