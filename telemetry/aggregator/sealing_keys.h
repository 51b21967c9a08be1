// The keys that devices seal their shares for: made anew at half of their life, and each kept until
// the last report that may have been sealed for it is over; then its private half is gone for good.
//
// The file has a line for each key, newest last:
//   <id> <issued> <expires> <private key, hex>      times in seconds since 1970
#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_SEALING_KEYS_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_SEALING_KEYS_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "security/hpke.h"
#include "security/signer.h"
#include "telemetry/dap/hpke_config.h"

namespace flotilla::telemetry {

// A report that was sealed in the last moment of a key's life arrives at most so much later: it is
// sent during the next window, and verified for one more (telemetry/dap/admission.h). Two times
// kLongestWindow, and an hour for clocks.
constexpr Duration kReportsUnderWay = absl::Hours(2 * 24 * 31 + 1);

// Blocking where it writes. One thread at a time.
// Crash: a key is in the file before anybody can seal for it.
class SealingKeys {
 public:
  struct World {
    security::Signer& identity;
    DurableFs& fs;
    Random& random;
  };

  // Reads the file, or makes it with a first key. DATA_LOSS: damaged; else as of files and Signer.
  static StatusOr<std::unique_ptr<SealingKeys>> Open(std::filesystem::path file, Duration life,
                                                     const World& world, Time now);

  // Makes a key when the newest is past half of its life, or past its end, and drops those that
  // nothing can be under way for. True: the ring is another one. After an error it is as it was.
  StatusOr<bool> Refresh(Time now);

  // SignedHpkeConfigs of the newest key: the same bytes as long as that is the newest.
  const Bytes& signed_configs() const { return signed_configs_; }
  // A copy of every key that is kept.
  StatusOr<dap::HpkeKeyring> Ring() const;

 private:
  struct SealingKey {
    std::uint8_t id = 0;
    Time issued;
    Time expires;
    security::HpkeKeyPair pair;
  };

  SealingKeys(std::filesystem::path file, Duration life, const World& world)
      : file_(std::move(file)), life_(life), world_(world) {}
  static StatusOr<SealingKey> ParseLine(std::string_view line);
  Status Load();
  Status Save() const;
  StatusOr<SealingKey> NewKey(Time now) const;
  Status SignNewest();

  const std::filesystem::path file_;
  const Duration life_;
  const World world_;
  std::vector<SealingKey> keys_;  // newest last
  Bytes signed_configs_;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_SEALING_KEYS_H_
