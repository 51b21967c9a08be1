#include "controller/access/operator_desk.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/strong_id.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"
#include "security/x509/wire_role.h"

namespace flotilla::controller {
namespace {

constexpr Duration kLeastLife = absl::Hours(1);
constexpr Duration kMostLife = absl::Hours(24 * 400);
constexpr Duration kUsualLife = absl::Hours(24 * 90);

StatusOr<Duration> LifeOf(const v1::AddOperatorRequest& request) {
  const Duration life = request.has_valid_for() ? FromProto(request.valid_for()) : kUsualLife;
  return life < kLeastLife || life > kMostLife
             ? StatusOr<Duration>(InvalidArgument("valid_for: 1 hour to 400 days"))
             : life;
}

v1::Operator RecordOf(const std::string& name, security::OperatorRole role,
                      const std::string& serial_hex, Time not_after) {
  v1::Operator record;
  record.set_name(name);
  record.set_role(security::ToWire(role));
  record.set_certificate_serial(serial_hex);
  *record.mutable_expires_at() = ToProto(not_after);
  return record;
}

}  // namespace

void OperatorDesk::Note(const security::PeerIdentity& peer) {
  if (fleet_.state().operators().contains(peer.serial_hex)) {
    return;
  }
  v1::Operator record = RecordOf(peer.name, peer.role, peer.serial_hex, peer.not_after);
  *record.mutable_created_at() = ToProto(peer.not_before);
  record.set_created_by("init");
  FleetChange change;
  change.operators.push_back(std::move(record));
  fleet_.Apply(std::move(change), nullptr);
}

std::vector<v1::Operator> OperatorDesk::List() const {
  std::vector<v1::Operator> all;
  for (const auto& [serial, record] : fleet_.state().operators()) {
    v1::Operator row = record;
    row.set_revoked(record.revoked() || fleet_.revocations().Contains(serial));
    all.push_back(std::move(row));
  }
  std::stable_sort(all.begin(), all.end(), [](const v1::Operator& a, const v1::Operator& b) {
    return a.name() != b.name() ? a.name() < b.name()
                                : FromProto(a.created_at()) > FromProto(b.created_at());
  });
  return all;
}

std::vector<v1::Operator> OperatorDesk::Working(const std::string& name) const {
  std::vector<v1::Operator> all = List();
  std::erase_if(all, [&](const v1::Operator& row) {
    return row.name() != name || row.revoked() || FromProto(row.expires_at()) <= clock_.Now();
  });
  return all;
}

bool OperatorDesk::AnotherAdminThan(const std::string& name) const {
  const std::vector<v1::Operator> all = List();
  return std::any_of(all.begin(), all.end(), [&](const v1::Operator& row) {
    return row.name() != name && !row.revoked() && row.role() == v1::OPERATOR_ROLE_ADMIN &&
           FromProto(row.expires_at()) > clock_.Now();
  });
}

void OperatorDesk::AppendRevoked(const std::vector<v1::Operator>& certificates,
                                 FleetChange& change) const {
  for (v1::Operator record : certificates) {
    change.revocations.push_back(
        Revocation{record.certificate_serial(), "operator:" + record.name(), clock_.Now()});
    record.set_revoked(true);
    change.operators.push_back(std::move(record));
  }
}

void OperatorDesk::Add(const v1::AddOperatorRequest& request, const std::string& actor,
                       const std::function<void(StatusOr<v1::AddOperatorResponse>)>& done) {
  const auto life = LifeOf(request);
  if (!life.ok()) {
    return done(life.status());
  }
  std::vector<v1::Operator> older = Working(request.name());
  if (!older.empty() && !request.renew()) {
    return done(AlreadyExists(
        "operator " + request.name() + " has certificate " + older.front().certificate_serial() +
        " until " + UtcText(FromProto(older.front().expires_at())) + ": --renew gives another"));
  }
  const security::OperatorRole role = security::FromWire(request.role());
  const auto issued = issue_(AsBytes(request.csr_der()), request.name(), role, clock_.Now(), *life);
  if (!issued.ok()) {
    return done(issued.status());
  }
  std::erase_if(older, [&](const v1::Operator& row) { return row.role() == request.role(); });
  if (!older.empty() && request.role() != v1::OPERATOR_ROLE_ADMIN &&
      !AnotherAdminThan(request.name())) {
    return done(FailedPrecondition(request.name() + " is the last admin"));
  }
  v1::AddOperatorResponse response;
  v1::Operator& record = *response.mutable_operator_();
  record = RecordOf(request.name(), role, issued->serial_hex, issued->not_after);
  *record.mutable_created_at() = ToProto(clock_.Now());
  record.set_created_by(ActorName(actor));
  response.set_certificate_chain_pem(issued->chain_pem);
  FleetChange change;
  AppendRevoked(older, change);
  change.operators.push_back(record);
  change.audit.push_back(MakeAuditEntry(
      actor, request.renew() ? "operator.renew" : "operator.add", "operator/" + request.name(),
      security::OperatorRoleName(role) + ", certificate " + issued->serial_hex + " until " +
          UtcText(issued->not_after)));
  fleet_.Apply(std::move(change), [done, response](const Status& status) {
    done(status.ok() ? StatusOr<v1::AddOperatorResponse>(response) : status);
  });
}

void OperatorDesk::Revoke(const v1::RevokeOperatorRequest& request, const std::string& actor,
                          const std::function<void(StatusOr<v1::Operator>)>& done) {
  const std::vector<v1::Operator> all = List();
  const auto newest = std::find_if(all.begin(), all.end(), [&](const v1::Operator& row) {
    return row.name() == request.name();
  });
  if (newest == all.end()) {
    return done(NotFound("no operator " + request.name()));
  }
  const std::vector<v1::Operator> working = Working(request.name());
  if (working.empty()) {
    return done(*newest);
  }
  if (!AnotherAdminThan(request.name())) {
    return done(FailedPrecondition(
        request.name() + " is the last admin: nobody could say who is an operator after that"));
  }
  FleetChange change;
  AppendRevoked(working, change);
  change.audit.push_back(
      MakeAuditEntry(actor, "operator.revoke", "operator/" + request.name(), request.comment()));
  v1::Operator answer = *newest;
  answer.set_revoked(true);
  fleet_.Apply(std::move(change), [done, answer](const Status& status) {
    done(status.ok() ? StatusOr<v1::Operator>(answer) : status);
  });
}

v1::Operator OperatorDesk::Self(const security::PeerIdentity& peer) const {
  const auto& known = fleet_.state().operators();
  const auto found = known.find(peer.serial_hex);
  return found != known.end() ? found->second
                              : RecordOf(peer.name, peer.role, peer.serial_hex, peer.not_after);
}

}  // namespace flotilla::controller
