#include "controller/health/leader_keys.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "security/hpke.h"
#include "telemetry/dap/tls.h"

namespace flotilla::controller {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{64} * 1024;
constexpr std::uint8_t kFileVersion = 1;
constexpr std::uint8_t kCollectorId = 0;
constexpr Duration kOffered = absl::Hours(24 * 45);  // half of dap::kMaxHpkeConfigLife
// Devices whose clocks are behind by so much take a new key at once.
constexpr Duration kClockLeeway = absl::Minutes(10);
constexpr Duration kKept = absl::Hours(24 * 270);  // three times that life

StatusOr<dap::HpkeConfig> ConfigOf(std::uint8_t id, ByteView private_key) {
  FLOTILLA_ASSIGN_OR_RETURN(const security::HpkeKeyPair pair, security::HpkeKeyPairOf(private_key));
  dap::HpkeConfig config;
  config.id = id;
  config.public_key.assign(pair.public_key.begin(), pair.public_key.end());
  return config;
}

Time FromSeconds(std::uint64_t seconds) {
  return absl::FromUnixSeconds(static_cast<std::int64_t>(seconds));
}

// Sealing keys have ids from 1 to 255, and then from 1 again.
std::uint8_t IdAfter(std::uint8_t id) {
  return id == 255 ? std::uint8_t{1} : static_cast<std::uint8_t>(id + 1);
}

}  // namespace

StatusOr<std::unique_ptr<LeaderKeys>> LeaderKeys::Open(const std::filesystem::path& folder,
                                                       DurableFs& fs, Random& random, Time now) {
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, folder));
  std::unique_ptr<LeaderKeys> keys(new LeaderKeys(folder, fs, random));
  FLOTILLA_RETURN_IF_ERROR(keys->LoadIdentity());
  FLOTILLA_RETURN_IF_ERROR(keys->LoadKeys(now));
  FLOTILLA_RETURN_IF_ERROR(keys->Rotate(now).status());
  FLOTILLA_RETURN_IF_ERROR(keys->SignNewest());
  return keys;
}

Status LeaderKeys::LoadIdentity() {
  const std::filesystem::path file = folder_ / "leader.key";
  auto key = security::LoadSigner(file, "");
  if (key.status().code() == StatusCode::kNotFound) {
    key = security::GenerateEd25519();
    FLOTILLA_RETURN_IF_ERROR(key.status());
    FLOTILLA_RETURN_IF_ERROR(security::SaveSigner(fs_, file, **key, ""));
  }
  FLOTILLA_RETURN_IF_ERROR(key.status());
  identity_ = *std::move(key);
  identity_spki_ = identity_->public_key().spki_der();
  return security::SavePublicKey(fs_, folder_ / "leader.pub", identity_->public_key());
}

Status LeaderKeys::LoadKeys(Time now) {
  StatusOr<Bytes> file = ReadFile(folder_ / "hpke.keys", kMaxFileBytes);
  if (file.status().code() == StatusCode::kNotFound) {
    std::vector<Key> made;
    FLOTILLA_ASSIGN_OR_RETURN(Key collector, NewKey(kCollectorId, now));
    FLOTILLA_ASSIGN_OR_RETURN(Key first, NewKey(1, now));
    made.push_back(std::move(collector));
    made.push_back(std::move(first));
    FLOTILLA_RETURN_IF_ERROR(Save(made));
    keys_ = std::move(made);
  } else {
    FLOTILLA_RETURN_IF_ERROR(file.status());
    const Status parsed = Parse(*file);
    std::fill(file->begin(), file->end(), std::uint8_t{0});
    FLOTILLA_RETURN_IF_ERROR(parsed);
  }
  FLOTILLA_ASSIGN_OR_RETURN(collector_, ConfigOf(kCollectorId, keys_.front().private_key.view()));
  return OkStatus();
}

Status LeaderKeys::Parse(ByteView file) {
  dap::TlsReader in(file);
  if (in.U8() != kFileVersion) in.Fail();
  while (!in.AtEnd()) {
    Key key;
    key.id = in.U8();
    key.made = FromSeconds(in.U64());
    key.private_key = security::SecretBytes(in.Opaque16(security::kX25519KeyBytes));
    keys_.push_back(std::move(key));
  }
  const bool whole = in.Finish("hpke.keys").ok() && keys_.size() >= 2 &&
                     keys_.front().id == kCollectorId && keys_.back().id != kCollectorId;
  return whole ? OkStatus() : DataLoss("hpke.keys of the leader is damaged");
}

Status LeaderKeys::Save(const std::vector<Key>& keys) {
  dap::TlsWriter out;
  out.U8(kFileVersion);
  for (const Key& key : keys) {
    out.U8(key.id);
    out.U64(static_cast<std::uint64_t>(std::max<std::int64_t>(absl::ToUnixSeconds(key.made), 0)));
    out.Opaque16(key.private_key.view());
  }
  Bytes bytes = std::move(out).Take();
  Status written = DurableWrite(fs_, folder_ / "hpke.keys", bytes);
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
  return written;
}

StatusOr<LeaderKeys::Key> LeaderKeys::NewKey(std::uint8_t id, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(security::HpkeKeyPair pair, security::GenerateHpkeKeyPair(random_));
  return Key{id, absl::FromUnixSeconds(absl::ToUnixSeconds(now)), std::move(pair.private_key)};
}

const LeaderKeys::Key* LeaderKeys::Newest() const {
  return &keys_.back();
}

StatusOr<std::vector<LeaderKeys::Key>> LeaderKeys::NextKeys(Time now) {
  std::vector<Key> next;
  const Time made = Newest()->made;
  // A key of the future was made when this clock was ahead: devices would not take it yet.
  if (now >= made - kClockLeeway && now < made + kOffered) {
    return next;
  }
  for (const Key& key : keys_) {
    if (key.id == kCollectorId || now < key.made + kKept) {
      next.push_back({key.id, key.made, security::SecretBytes(key.private_key.view())});
    }
  }
  FLOTILLA_ASSIGN_OR_RETURN(Key fresh, NewKey(IdAfter(Newest()->id), now));
  next.push_back(std::move(fresh));
  return next;
}

StatusOr<bool> LeaderKeys::Rotate(Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<Key> next, NextKeys(now));
  if (next.empty()) {
    return false;
  }
  FLOTILLA_RETURN_IF_ERROR(Save(next));
  keys_ = std::move(next);
  FLOTILLA_RETURN_IF_ERROR(SignNewest());
  return true;
}

Status LeaderKeys::SignNewest() {
  const Key& key = *Newest();
  dap::HpkeConfigList list;
  FLOTILLA_ASSIGN_OR_RETURN(list.configs.emplace_back(), ConfigOf(key.id, key.private_key.view()));
  FLOTILLA_ASSIGN_OR_RETURN(const dap::SignedHpkeConfigs configs,
                            dap::SignHpkeConfigs(list, dap::Role::kLeader, key.made - kClockLeeway,
                                                 dap::kMaxHpkeConfigLife, *identity_));
  signed_configs_ = configs.Encode();
  return OkStatus();
}

StatusOr<dap::HpkeKeyring> LeaderKeys::Shares() const {
  dap::HpkeKeyring ring;
  for (const Key& key : keys_) {
    if (key.id != kCollectorId) {
      FLOTILLA_ASSIGN_OR_RETURN(security::HpkeKeyPair pair,
                                security::HpkeKeyPairOf(key.private_key.view()));
      ring.insert_or_assign(key.id, std::move(pair));
    }
  }
  return ring;
}

StatusOr<dap::HpkeKeyring> LeaderKeys::CollectorRing() const {
  dap::HpkeKeyring ring;
  FLOTILLA_ASSIGN_OR_RETURN(security::HpkeKeyPair pair,
                            security::HpkeKeyPairOf(keys_.front().private_key.view()));
  ring.emplace(kCollectorId, std::move(pair));
  return ring;
}

}  // namespace flotilla::controller
