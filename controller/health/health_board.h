// What everybody may read of private health, without waiting for the leader.
#ifndef FLOTILLA_CONTROLLER_HEALTH_HEALTH_BOARD_H_
#define FLOTILLA_CONTROLLER_HEALTH_HEALTH_BOARD_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/health.pb.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/time.h"
#include "telemetry/dap/task_configuration.h"

namespace flotilla::controller {

// The one sentence that may be said of a result.
inline constexpr char kHealthPromise[] =
    "Neither the operator nor the helper alone can see any device's health metric; published "
    "numbers are differentially private.";

// A task that devices are asked to answer.
struct HealthOffer {
  std::string task;  // its id, hexadecimal
  Bytes configuration;
  Digest release;
  dap::TaskKind kind = dap::TaskKind::kUnspecified;
  std::uint32_t metric = 0;
  std::uint32_t schema_version = 0;
  std::string guards;  // as of v1::HealthTask: not empty: of devices drawn for the arm alone
  Time until;
};

struct HealthPicture {
  std::vector<v1::HealthResult> results;  // newest task first, at most 256
  std::string reason;                     // why there is none
  std::vector<HealthOffer> offers;        // newest first
  Bytes leader_identity;                  // SubjectPublicKeyInfo, DER
  Bytes leader_hpke_configs;
  Bytes helper_hpke_configs;  // empty: not known yet
};

// The newest picture. Thread-safe.
class HealthBoard {
 public:
  HealthBoard() : newest_(std::make_shared<const HealthPicture>()) {}

  std::shared_ptr<const HealthPicture> Newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }
  void Publish(HealthPicture picture) {
    auto next = std::make_shared<const HealthPicture>(std::move(picture));
    const std::lock_guard lock(mutex_);
    newest_ = std::move(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const HealthPicture> newest_;
};

// The results that a request asks for. Pure.
v1::ListHealthResponse SelectHealth(const HealthPicture& picture,
                                    const v1::ListHealthRequest& request);

// A fleet without a second party.
HealthPicture PictureWithoutHelper();

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_HEALTH_BOARD_H_
