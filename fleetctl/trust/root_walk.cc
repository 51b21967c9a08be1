#include "fleetctl/trust/root_walk.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "security/tuf/limits.h"
#include "security/tuf/online_roles.h"
#include "security/tuf/trusted_set.h"

namespace flotilla::fleetctl {
namespace {

struct Chain {
  std::unique_ptr<tuf::TrustedSet> trusted;
  Bytes newest;
};

Status AcceptNext(tuf::TrustedSet& trusted, const Bytes& bytes) {
  auto next = trusted.VerifyNextRoot(bytes);
  if (!next.ok()) {
    return Annotate(next.status(), "a device that walks the roots stops after " +
                                       std::to_string(trusted.root().common.version));
  }
  trusted.Accept(std::move(next).value());
  return OkStatus();
}

StatusOr<Chain> WalkPublished(tuf::MetadataFetcher& published, Bytes first) {
  Chain chain;
  FLOTILLA_ASSIGN_OR_RETURN(chain.trusted, tuf::TrustedSet::Create(first));
  chain.newest = std::move(first);
  while (true) {
    const std::int64_t version = chain.trusted->root().common.version + 1;
    auto bytes = published.Fetch(tuf::MetadataFileName("root", version), tuf::kMaxRootBytes);
    if (bytes.status().code() == StatusCode::kNotFound) {
      return chain;
    }
    FLOTILLA_RETURN_IF_ERROR(bytes.status());
    FLOTILLA_RETURN_IF_ERROR(AcceptNext(*chain.trusted, *bytes));
    chain.newest = std::move(bytes).value();
  }
}

Status CheckBase(const Stage& stage, const tuf::Draft& newest, std::int64_t staged) {
  if (newest.version() + 1 != staged) {
    return FailedPrecondition("root " + std::to_string(newest.version()) +
                              " is published, and root " + std::to_string(staged) +
                              " cannot follow it; begin again with fleetctl root edit");
  }
  const tuf::Draft* base = stage.FindTrusted("root");
  if (base == nullptr || !(base->signed_part() == newest.signed_part())) {
    return FailedPrecondition(
        "the stage was made over another root " + std::to_string(newest.version()) +
        " than the one that is published; begin again with fleetctl root edit");
  }
  return OkStatus();
}

}  // namespace

Status CheckDevicesWalk(tuf::MetadataFetcher& published, const std::optional<Bytes>& first,
                        const Stage& stage) {
  const tuf::Draft* staged = stage.Find("root");
  Bytes staged_bytes;
  if (staged != nullptr) {
    FLOTILLA_ASSIGN_OR_RETURN(staged_bytes, staged->Encode());
  }
  auto start = first.has_value()
                   ? StatusOr<Bytes>(*first)
                   : published.Fetch(tuf::MetadataFileName("root", 1), tuf::kMaxRootBytes);
  if (start.status().code() == StatusCode::kNotFound && staged != nullptr &&
      staged->version() == 1) {
    return tuf::TrustedSet::Create(staged_bytes).status();
  }
  FLOTILLA_RETURN_IF_ERROR(start.status());
  FLOTILLA_ASSIGN_OR_RETURN(const Chain chain, WalkPublished(published, std::move(start).value()));
  if (staged == nullptr || chain.newest == staged_bytes) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Draft newest, tuf::Draft::Load(chain.newest));
  FLOTILLA_RETURN_IF_ERROR(CheckBase(stage, newest, staged->version()));
  return AcceptNext(*chain.trusted, staged_bytes);
}

}  // namespace flotilla::fleetctl
