#include "controller/enrolment/token_desk.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "controller/enrolment/labels.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"
#include "security/enrolment_token.h"

namespace flotilla::controller {
namespace {

constexpr int kMaxSerials = 10'000;
constexpr std::size_t kMaxSerialText = 64;
constexpr std::uint32_t kMaxUses = 100'000;
constexpr Duration kDefaultLife = absl::Hours(24);
constexpr Duration kMaxLife = absl::Hours(24 * 90);
constexpr std::size_t kIdBytes = 4;
constexpr std::size_t kSecretBytes = 32;

StatusOr<Duration> LifeOf(const v1::CreateTokenRequest& request) {
  if (!request.has_valid_for()) {
    return kDefaultLife;
  }
  const Duration life = FromProto(request.valid_for());
  if (life <= absl::ZeroDuration() || life > kMaxLife) {
    return InvalidArgument("a token is valid for more than nothing and at most 90 days");
  }
  return life;
}

Status CheckBinding(const v1::CreateTokenRequest& request) {
  if (request.serials_size() > kMaxSerials) {
    return InvalidArgument("a token is bound to at most 10000 serial numbers");
  }
  for (const std::string& serial : request.serials()) {
    if (serial.empty() || serial.size() > kMaxSerialText) {
      return InvalidArgument("a serial number has 1 to 64 characters");
    }
  }
  return request.site().empty() ? OkStatus() : CheckIdText(request.site(), "site");
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> RandomBytes(Random& random) {
  std::array<std::uint8_t, kSize> bytes{};
  random.Fill(bytes);
  return bytes;
}

v1::AuditEntry Entry(const std::string& actor, const std::string& action,
                     const v1::EnrolmentToken& token) {
  const std::string uses = std::to_string(token.uses()) + " of " + std::to_string(token.max_uses());
  std::string detail = "uses " + uses + ", until " + UtcText(FromProto(token.expires_at()));
  if (token.serials_size() > 0) {
    detail += ", for " + std::to_string(token.serials_size()) + " serial numbers";
  }
  if (!token.site().empty()) {
    detail += ", site " + token.site();
  }
  return MakeAuditEntry(actor, action, "token/" + token.id(), detail);
}

}  // namespace

TokenDesk::TokenDesk(const Digest& authority, EnrolmentLedger& ledger, const Clock& clock,
                     Random& random, std::set<Digest> trusted)
    : authority_(authority),
      trusted_(std::move(trusted)),
      ledger_(ledger),
      clock_(clock),
      random_(random) {
  trusted_.insert(authority_);
}

std::string TokenDesk::NewId() {
  std::string id;
  do {
    id = HexEncode(RandomBytes<kIdBytes>(random_));
  } while (ledger_.state().FindToken(id) != nullptr);
  return id;
}

StatusOr<v1::EnrolmentToken> TokenDesk::NewToken(const v1::CreateTokenRequest& request,
                                                 const std::string& actor) {
  FLOTILLA_ASSIGN_OR_RETURN(const Duration life, LifeOf(request));
  FLOTILLA_RETURN_IF_ERROR(CheckLabels(request.labels()));
  if (request.max_uses() > kMaxUses) {
    return InvalidArgument("a token has at most 100000 uses");
  }
  FLOTILLA_RETURN_IF_ERROR(CheckBinding(request));
  const Time now = clock_.Now();
  v1::EnrolmentToken token;
  token.set_id(NewId());
  token.set_max_uses(std::max(request.max_uses(), 1U));
  token.set_created_by(actor);
  *token.mutable_created_at() = ToProto(now);
  *token.mutable_expires_at() = ToProto(now + life);
  *token.mutable_labels() = request.labels();
  *token.mutable_serials() = request.serials();
  token.set_site(request.site());
  return token;
}

void TokenDesk::Create(const v1::CreateTokenRequest& request, const std::string& actor,
                       const std::function<void(StatusOr<v1::CreateTokenResponse>)>& done) {
  const StatusOr<v1::EnrolmentToken> token = NewToken(request, actor);
  if (!token.ok()) {
    return done(token.status());
  }
  const std::string secret = Base64UrlEncode(RandomBytes<kSecretBytes>(random_));
  v1::CreateTokenResponse response;
  *response.mutable_token() = *token;
  response.set_text(security::FormatTokenText({token->id(), secret, authority_}));
  FleetChange change;
  change.tokens.push_back({*token, security::HashTokenSecret(secret)});
  change.audit.push_back(Entry(actor, "token.create", *token));
  ledger_.Apply(std::move(change), [done, response](const Status& committed) {
    committed.ok() ? done(response) : done(committed);
  });
}

v1::ListTokensResponse TokenDesk::List() const {
  v1::ListTokensResponse response;
  for (const auto& [id, stored] : ledger_.state().tokens()) {
    *response.add_tokens() = stored.token;
  }
  std::stable_sort(response.mutable_tokens()->begin(), response.mutable_tokens()->end(),
                   [](const v1::EnrolmentToken& a, const v1::EnrolmentToken& b) {
                     return FromProto(a.created_at()) > FromProto(b.created_at());
                   });
  return response;
}

void TokenDesk::Revoke(const std::string& id, const std::string& actor,
                       const std::function<void(StatusOr<v1::RevokeTokenResponse>)>& done) {
  const StoredToken* const found = ledger_.state().FindToken(id);
  if (found == nullptr) {
    return done(NotFound("there is no token " + id));
  }
  StoredToken stored = *found;
  stored.token.set_revoked(true);
  v1::RevokeTokenResponse response;
  *response.mutable_token() = stored.token;
  FleetChange change;
  change.audit.push_back(Entry(actor, "token.revoke", stored.token));
  change.tokens.push_back(std::move(stored));
  ledger_.Apply(std::move(change), [done, response](const Status& committed) {
    committed.ok() ? done(response) : done(committed);
  });
}

StatusOr<StoredToken> TokenDesk::Admit(const std::string& text, const std::string& serial) const {
  const Status unknown = WithReason(Unauthenticated("the enrolment token is not known here"),
                                    v1::FAILURE_REASON_CONTROL_TOKEN_UNKNOWN);
  const StatusOr<security::TokenText> given = security::ParseTokenText(text);
  if (!given.ok()) {
    return unknown;
  }
  const StoredToken* const stored = ledger_.state().FindToken(given->id);
  if (stored == nullptr || !trusted_.contains(given->ca) || stored->token.revoked() ||
      !security::TokenSecretMatches(given->secret, stored->secret_sha256)) {
    return unknown;
  }
  const Time end = FromProto(stored->token.expires_at());
  if (clock_.Now() >= end) {
    return WithReason(Unauthenticated("token " + given->id + " ended at " + UtcText(end)),
                      v1::FAILURE_REASON_CONTROL_TOKEN_EXPIRED);
  }
  const auto& serials = stored->token.serials();
  if (!serials.empty() && std::find(serials.begin(), serials.end(), serial) == serials.end()) {
    return WithReason(
        Unauthenticated("token " + given->id + " is not for the serial number \"" + serial + "\""),
        v1::FAILURE_REASON_CONTROL_TOKEN_NOT_FOR_DEVICE);
  }
  return *stored;
}

}  // namespace flotilla::controller
