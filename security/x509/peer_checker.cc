#include "security/x509/peer_checker.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "security/openssl_ptr.h"
#include "security/sha256.h"
#include "security/x509/certificate.h"
#include "security/x509/peer_check.h"

namespace flotilla::security {
namespace {

struct Passed {
  PeerIdentity peer;
  Time at;
};

// The first end of one of them; of one whose end cannot be read nothing is remembered.
Time FirstEnd(const std::vector<X509Ptr>& authorities) {
  Time first = absl::InfiniteFuture();
  for (const X509Ptr& authority : authorities) {
    first =
        std::min(first, TimeOf(X509_get0_notAfter(authority.get())).value_or(absl::InfinitePast()));
  }
  return first;
}

}  // namespace

struct PeerChecker::Impl {
  explicit Impl(StatusOr<std::vector<X509Ptr>> read, std::size_t most_in)
      : authorities(std::move(read)),
        end(authorities.ok() ? FirstEnd(*authorities) : absl::InfinitePast()),
        most(most_in) {}

  std::optional<PeerIdentity> Recall(const Digest& leaf, Time now) {
    const std::lock_guard lock(mutex);
    const Passed* const recent = Find(newer, leaf);
    const Passed* const found = recent != nullptr ? recent : Find(older, leaf);
    if (found == nullptr || now < found->at ||
        now >= std::min(end, found->peer.not_after - absl::Seconds(1))) {
      return std::nullopt;
    }
    PeerIdentity peer = found->peer;
    if (recent == nullptr) {
      Put(leaf, {peer, found->at});
    }
    return peer;
  }

  void Remember(const Digest& leaf, Passed passed) {
    const std::lock_guard lock(mutex);
    Put(leaf, std::move(passed));
  }

  // The rest under the mutex.
  static const Passed* Find(const std::map<Digest, Passed>& among, const Digest& leaf) {
    const auto found = among.find(leaf);
    return found == among.end() ? nullptr : &found->second;
  }

  void Put(const Digest& leaf, Passed passed) {
    if (newer.size() >= most) {
      older = std::exchange(newer, {});
    }
    newer.insert_or_assign(leaf, std::move(passed));
  }

  const StatusOr<std::vector<X509Ptr>> authorities;
  const Time end;
  const std::size_t most;
  std::mutex mutex;
  std::map<Digest, Passed> newer;
  std::map<Digest, Passed> older;  // goes when `newer` is full
};

PeerChecker::PeerChecker(std::string_view ca_pem, std::size_t most)
    : impl_(std::make_unique<Impl>(ReadBundlePem(ca_pem), most)) {}

PeerChecker::~PeerChecker() = default;

StatusOr<PeerIdentity> PeerChecker::Check(std::string_view leaf_pem, Time now) const {
  const Digest leaf = Sha256(AsBytes(leaf_pem));
  if (auto known = impl_->Recall(leaf, now); known.has_value()) {
    return *std::move(known);
  }
  FLOTILLA_RETURN_IF_ERROR(impl_->authorities.status());
  FLOTILLA_ASSIGN_OR_RETURN(
      PeerIdentity peer, CheckPeerUnder(*impl_->authorities, leaf_pem, now, EndCheck::kEnforced));
  impl_->Remember(leaf, {peer, now});
  return peer;
}

std::size_t PeerChecker::remembered() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->newer.size() + impl_->older.size();
}

}  // namespace flotilla::security
