#ifndef FLOTILLA_CONTROLLER_HEALTH_LEADER_KEYS_H_
#define FLOTILLA_CONTROLLER_HEALTH_LEADER_KEYS_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "security/key_file.h"
#include "security/secret_bytes.h"
#include "telemetry/dap/hpke_config.h"

namespace flotilla::controller {

// The leader's keys, in a folder of mode 0700: leader.key, leader.pub (identity, Ed25519, PEM) and
// hpke.keys (what shares are sealed for). Made at the first start. A sealing key is offered for
// half of kMaxHpkeConfigLife, then the next one is; it opens what devices had sealed with it for
// twice that life more, which is longer than a device keeps a report. The collector's key stays.
//
// hpke.keys: uint8 version 1, then for each key, oldest first: uint8 id, uint64 made (seconds since
// 1970), opaque private_key<0..2^16-1>; id 0 is the collector's. Written in one step, so a power
// cut leaves the old keys or the new ones. One thread at a time.
class LeaderKeys {
 public:
  // `fs` and `random` outlive it. DATA_LOSS: hpke.keys is damaged; else as of files and keys.
  static StatusOr<std::unique_ptr<LeaderKeys>> Open(const std::filesystem::path& folder,
                                                    DurableFs& fs, Random& random, Time now);

  // Makes the next sealing key when the newest is at half of its life, and forgets those that are
  // of no use any more. True: something changed. Errors of writing; nothing changed then.
  StatusOr<bool> Rotate(Time now);

  // SubjectPublicKeyInfo, DER.
  const Bytes& identity() const { return identity_spki_; }
  // An encoded dap::SignedHpkeConfigs with the newest key.
  const Bytes& signed_configs() const { return signed_configs_; }
  // All sealing keys that may still be needed; a new copy for each task.
  StatusOr<dap::HpkeKeyring> Shares() const;
  const dap::HpkeConfig& collector() const { return collector_; }
  StatusOr<dap::HpkeKeyring> CollectorRing() const;

 private:
  struct Key {
    std::uint8_t id = 0;
    Time made;
    security::SecretBytes private_key;
  };

  LeaderKeys(std::filesystem::path folder, DurableFs& fs, Random& random)
      : folder_(std::move(folder)), fs_(fs), random_(random) {}

  Status LoadIdentity();
  Status LoadKeys(Time now);
  Status Parse(ByteView file);
  Status Save(const std::vector<Key>& keys);
  StatusOr<Key> NewKey(std::uint8_t id, Time now);
  // The keys that Rotate goes on with; empty: those that are there.
  StatusOr<std::vector<Key>> NextKeys(Time now);
  Status SignNewest();
  const Key* Newest() const;

  const std::filesystem::path folder_;
  DurableFs& fs_;
  Random& random_;
  std::unique_ptr<security::KeyPair> identity_;
  Bytes identity_spki_;
  Bytes signed_configs_;
  dap::HpkeConfig collector_;
  std::vector<Key> keys_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_LEADER_KEYS_H_
