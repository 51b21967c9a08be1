// SystemService's calls about the operator's CAs.
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"
#include "controller/rpc/system_service.h"

namespace flotilla::controller {
namespace {

constexpr Duration kLongestLife = absl::Hours(24 * 3650);
constexpr Duration kShortestLife = absl::Hours(24);
constexpr std::size_t kNamed = 10;

v1::OperatorCa ToMessage(const KnownAuthority& known) {
  v1::OperatorCa ca;
  ca.set_certificate_pem(known.cert_pem);
  ca.set_fingerprint(ToText(known.fingerprint.bytes()));
  *ca.mutable_expires_at() = ToProto(known.not_after);
  ca.set_issuing(known.standing == AuthorityStanding::kIssuing);
  ca.set_retired(known.standing == AuthorityStanding::kRetired);
  return ca;
}

StatusOr<Duration> LifeOf(const v1::RotateCaRequest& request) {
  if (!request.has_valid_for()) {
    return kLongestLife;
  }
  const Duration life = FromProto(request.valid_for());
  return life >= kShortestLife && life <= kLongestLife
             ? StatusOr<Duration>(life)
             : InvalidArgument("a CA is valid for one day to ten years");
}

Status StillUsed(const std::vector<std::string>& users) {
  std::string names;
  for (std::size_t i = 0; i < std::min(users.size(), kNamed); ++i) {
    names += (i == 0 ? "" : ", ") + users[i];
  }
  if (users.size() > kNamed) {
    names += " and " + std::to_string(users.size() - kNamed) + " more";
  }
  return FailedPrecondition(
      "devices hold certificates of this CA: " + names +
      "; they renew when they connect; revoke those that never will, or use --force");
}

}  // namespace

std::vector<std::string> SystemService::UsersOf(const Digest& fingerprint) const {
  std::vector<std::string> users;
  const Time past = clock_.Now() - options_.renew_after_expiry;
  for (const auto& [serial, held] : calls_.fleet().state().certificates()) {
    const v1::Device* device = calls_.fleet().state().FindDevice(held.device_id);
    const bool counts = device != nullptr && !device->revoked() && held.not_after > past;
    if (counts && held.authority == fingerprint) {
      users.push_back(held.device_id);
    }
  }
  std::sort(users.begin(), users.end());
  users.erase(std::unique(users.begin(), users.end()), users.end());
  return users;
}

void SystemService::Change(const std::string& actor, const std::string& action, Work work,
                           v1::OperatorCa* changed, const OperatorCalls::Finish& finish) {
  worker_.Post([this, actor, action, work = std::move(work), changed, finish] {
    StatusOr<v1::OperatorCa> ca = work();
    calls_.fleet().Post([this, actor, action, ca, changed, finish] {
      if (!ca.ok()) {
        finish(ca.status());
        return;
      }
      *changed = *ca;
      FleetChange change;
      const std::string name = HexEncode(AsBytes(ca->fingerprint()));
      change.audit.push_back(MakeAuditEntry(actor, action, "ca/" + name,
                                            "until " + UtcText(FromProto(ca->expires_at()))));
      calls_.fleet().Apply(std::move(change), [this, finish](const Status& status) {
        finish(status);
        options_.restart();
      });
    });
  });
}

grpc::ServerUnaryReactor* SystemService::ListCas(grpc::CallbackServerContext* context,
                                                 const v1::ListCasRequest* request,
                                                 v1::ListCasResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, response](const std::string& /*actor*/, const OperatorCalls::Finish& finish) {
        worker_.Post([this, response, finish] {
          const auto all = authorities_.List();
          calls_.fleet().Post([this, response, finish, all] {
            if (all.ok()) {
              for (const KnownAuthority& known : *all) {
                v1::OperatorCa& ca = *response->add_cas();
                ca = ToMessage(known);
                ca.set_certificates(static_cast<std::uint32_t>(UsersOf(known.fingerprint).size()));
              }
            }
            finish(all.status());
          });
        });
      });
}

grpc::ServerUnaryReactor* SystemService::RotateCa(grpc::CallbackServerContext* context,
                                                  const v1::RotateCaRequest* request,
                                                  v1::RotateCaResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        const StatusOr<Duration> life = LifeOf(*request);
        if (!life.ok()) {
          finish(life.status());
          return;
        }
        Change(
            actor, "ca.rotate",
            [this, life = *life]() -> StatusOr<v1::OperatorCa> {
              FLOTILLA_ASSIGN_OR_RETURN(const KnownAuthority next,
                                        authorities_.Rotate(clock_.Now(), life));
              return ToMessage(next);
            },
            response->mutable_ca(), finish);
      });
}

grpc::ServerUnaryReactor* SystemService::RetireCa(grpc::CallbackServerContext* context,
                                                  const v1::RetireCaRequest* request,
                                                  v1::RetireCaResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        const StatusOr<Digest> fingerprint = Digest::FromBytes(AsBytes(request->fingerprint()));
        if (!fingerprint.ok()) {
          finish(fingerprint.status());
          return;
        }
        const std::vector<std::string> users = UsersOf(*fingerprint);
        if (!users.empty() && !request->force()) {
          finish(StillUsed(users));
          return;
        }
        Change(
            actor, "ca.retire",
            [this, fingerprint = *fingerprint]() -> StatusOr<v1::OperatorCa> {
              FLOTILLA_ASSIGN_OR_RETURN(
                  const KnownAuthority retired,
                  authorities_.Retire(fingerprint, options_.host_names, clock_.Now()));
              return ToMessage(retired);
            },
            response->mutable_ca(), finish);
      });
}

}  // namespace flotilla::controller
