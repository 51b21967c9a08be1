// What a swarm counts: sessions, offers, acknowledgements, errors.
#ifndef FLOTILLA_TESTS_SWARM_FLEET_SWARM_STATS_H_
#define FLOTILLA_TESTS_SWARM_FLEET_SWARM_STATS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/swarm/fleet/sim_device_core.h"

namespace flotilla::swarm {

// Times in milliseconds; zero when nothing was taken.
struct Quantiles {
  std::size_t count = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double last_ms = 0;
};
// Sorts `samples`.
Quantiles QuantilesOf(std::vector<float>& samples);

// What happened to the offers of one wave of a rollout.
struct WaveOffers {
  Duration first;               // monotonic, of the first device that was told
  std::vector<float> after_ms;  // of every device, since `first`
};

// Offers that came without a pause of more than two seconds; monotonic.
struct OfferBurst {
  Duration first;
  Duration last;
  std::uint64_t count = 0;
};

// One loop's counts. One thread at a time.
class SwarmStats final : public DeviceWitness {
 public:
  void OnUp(std::optional<Duration> away, Duration now) override;
  void OnDown(const Status& cause, bool was_live) override;
  void OnDesired(const v1::DesiredState& desired, Duration now) override;
  void OnReportSent(const v1::UpdateReport& report, bool again) override;
  void OnAcked(Duration sent, Duration now) override;
  void OnWrong(const std::string& what) override;
  void OnResumed() { ++resumed_; }

  // Sessions that are up now, and the most there ever were.
  std::size_t live() const { return live_; }
  std::uint64_t ups() const { return ups_; }
  std::uint64_t resumed() const { return resumed_; }
  std::uint64_t offers() const { return offers_; }
  const OfferBurst& burst() const { return burst_; }
  std::uint64_t reports_sent() const { return reports_sent_; }
  std::uint64_t reports_again() const { return reports_again_; }
  std::uint64_t acked() const { return acked_; }
  // When the last session came up; monotonic.
  Duration last_up() const { return last_up_; }
  // "UNAVAILABLE: connect: ..." with how often.
  const std::map<std::string, std::uint64_t>& ends() const { return ends_; }
  const std::vector<std::string>& wrongs() const { return wrongs_; }
  std::uint64_t wrong_count() const { return wrong_count_; }
  // By rollout and wave.
  const std::map<std::pair<std::string, std::uint32_t>, WaveOffers>& waves() const {
    return waves_;
  }
  std::vector<float>& ack_ms() { return ack_ms_; }
  std::vector<float>& away_ms() { return away_ms_; }

 private:
  std::size_t live_ = 0;
  std::uint64_t ups_ = 0;
  std::uint64_t resumed_ = 0;
  std::uint64_t offers_ = 0;
  std::uint64_t reports_sent_ = 0;
  std::uint64_t reports_again_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t wrong_count_ = 0;
  OfferBurst burst_;
  Duration last_up_;
  std::map<std::string, std::uint64_t> ends_;
  std::vector<std::string> wrongs_;
  std::map<std::pair<std::string, std::uint32_t>, WaveOffers> waves_;
  std::vector<float> ack_ms_;
  std::vector<float> away_ms_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_SWARM_STATS_H_
