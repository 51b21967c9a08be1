// Random histories: reports repeated, late and out of order, devices that come and go, operators
// who press every button. Whatever happens, the promises hold.
#include <random>

#include <gtest/gtest.h>

#include "controller/rollout/outcome.h"
#include "controller/rollout/rollout_spec.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

constexpr int kDevices = 14;

// Watches one rollout from one moment to the next.
class Watcher {
 public:
  explicit Watcher(RolloutLab& lab) : lab_(lab) {}

  void Check() {
    const v1::Rollout& rollout = lab_.Rollout("r");
    const auto rows = lab_.book().Devices("r");
    CheckCounters(rollout, rows);
    CheckOffers(rollout, rows);
    CheckTerminal(rows);
    CheckPromotion(rollout);
    if (FinalRollout(last_state_)) {
      EXPECT_TRUE(rollout.state() == last_state_ ||
                  (last_state_ == v1::ROLLOUT_STATE_COMPLETED &&
                   (rollout.state() == v1::ROLLOUT_STATE_ROLLING_BACK ||
                    rollout.state() == v1::ROLLOUT_STATE_ROLLED_BACK)))
          << last_state_ << " -> " << rollout.state();
    }
    last_state_ = rollout.state();
    last_rows_.clear();
    for (const auto& row : rows) {
      last_rows_[row.device_id()] = row;
    }
  }

 private:
  static bool FinalRollout(v1::RolloutState state) {
    return state == v1::ROLLOUT_STATE_COMPLETED || state == v1::ROLLOUT_STATE_ABORTED ||
           state == v1::ROLLOUT_STATE_ROLLED_BACK || state == v1::ROLLOUT_STATE_SUPERSEDED ||
           state == v1::ROLLOUT_STATE_CANCELLED;
  }

  static void CheckCounters(const v1::Rollout& rollout,
                            const std::vector<v1::RolloutDevice>& rows) {
    std::vector<std::map<std::uint32_t, std::uint32_t>> counts(
        static_cast<std::size_t>(rollout.waves_size()));
    for (const auto& row : rows) {
      ++counts[row.wave()][static_cast<std::uint32_t>(row.state())];
    }
    for (int i = 0; i < rollout.waves_size(); ++i) {
      const auto& wave = rollout.waves(i);
      const std::map<std::uint32_t, std::uint32_t> stored(wave.counts().begin(),
                                                          wave.counts().end());
      EXPECT_EQ(stored, counts[static_cast<std::size_t>(i)]) << "wave " << i;
    }
  }

  // A call that offers never leaves more offered or busy devices in the lane than its cap.
  void CheckOffers(const v1::Rollout& rollout, const std::vector<v1::RolloutDevice>& rows) {
    for (const bool catch_up : {false, true}) {
      std::uint32_t in_flight = 0;
      bool offered = false;
      for (const auto& row : rows) {
        if (row.catch_up() != catch_up) {
          continue;
        }
        in_flight += IsInFlight(row.state()) ? 1U : 0U;
        offered = offered || (row.state() == v1::DEPLOYMENT_STATE_OFFERED &&
                              last_rows_[row.device_id()].state() != row.state());
      }
      const std::uint32_t wave = rollout.current_wave();
      const std::uint32_t cap =
          catch_up
              ? kCatchUpCap
              : InFlightCap(rollout.spec(), rollout.waves(static_cast<int>(wave)).spec(), wave);
      EXPECT_TRUE(!offered || in_flight <= cap) << in_flight << " over " << cap;
    }
  }

  void CheckTerminal(const std::vector<v1::RolloutDevice>& rows) {
    for (const auto& row : rows) {
      const v1::RolloutDevice& last = last_rows_[row.device_id()];
      const bool same_attempt = last.attempt() == row.attempt();
      if (same_attempt && IsTerminal(last.state()) && last.state() >= 200 &&
          row.state() != last.state()) {
        EXPECT_TRUE(MayReport(last.state(), row.state()))
            << NameOf(last.state()) << " -> " << NameOf(row.state());
      }
    }
  }

  static void CheckPromotion(const v1::Rollout& rollout) {
    for (std::uint32_t i = 0; i < rollout.current_wave(); ++i) {
      const auto state = rollout.waves(static_cast<int>(i)).state();
      // A wave that had passed fails when a device of it goes bad later.
      EXPECT_TRUE(state == v1::WAVE_STATE_PASSED || state == v1::WAVE_STATE_FAILED) << i;
    }
    if (rollout.state() == v1::ROLLOUT_STATE_COMPLETED) {
      EXPECT_EQ(rollout.waves().rbegin()->state(), v1::WAVE_STATE_PASSED);
    }
  }

  RolloutLab& lab_;
  v1::RolloutState last_state_ = v1::ROLLOUT_STATE_UNSPECIFIED;
  std::map<std::string, v1::RolloutDevice> last_rows_;
};

class History {
 public:
  explicit History(unsigned seed) : random_(seed), lab_(kDevices), watcher_(lab_) {
    lab_.Publish("1.0.0", Conduct::kGood);
    lab_.CreateAndStart(RolloutLab::Spec("base", "1.0.0", {1}));
    lab_.Wait(absl::Seconds(20));
    lab_.Publish("2.0.0", Conduct::kGood);
    v1::RolloutSpec spec = RolloutLab::Spec("r", "2.0.0", {2, 5}, absl::Seconds(3));
    spec.mutable_strategy()->mutable_waves(1)->set_max_in_flight(3);
    spec.mutable_delivery()->set_max_in_flight(4);
    spec.mutable_strategy()->mutable_judge()->set_on_fail(Below(4) == 0 ? v1::ON_FAIL_PAUSE
                                                                        : v1::ON_FAIL_ABORT);
    auto created = lab_.book().Create(spec, "alice", EmptyMatch::kRefuse, lab_.now());
    lab_.Take(*created);
    lab_.Take(*lab_.book().Act("r", v1::ROLLOUT_ACTION_START, v1::HOLD_MODE_UNSPECIFIED, "alice",
                               lab_.now()));
  }

  void Run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      Step();
      watcher_.Check();
    }
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  std::string AnyDevice() {
    auto device = lab_.fleet().devices.begin();
    std::advance(device, Below(kDevices));
    return device->first;
  }

  void Step() {
    const int what = Below(100);
    if (what < 70) {
      RandomReport();
    } else if (what < 80) {
      lab_.SetOnline(AnyDevice(), Below(2) == 0 ? v1::LIVENESS_OFFLINE : v1::LIVENESS_ONLINE);
    } else if (what < 82) {
      lab_.Reload();
    } else if (what < 83) {
      if (auto change = lab_.book().Extend("r", absl::Seconds(2), "alice", lab_.now());
          change.ok()) {
        lab_.Take(*change);
      }
    } else if (what < 84) {
      (void)lab_.Act("r", v1::ROLLOUT_ACTION_RETRY);
    } else if (what < 87) {
      const auto action = static_cast<v1::RolloutAction>(1 + Below(Below(10) == 0 ? 6 : 4));
      (void)lab_.Act("r", action);
    } else {
      tick_ += absl::Seconds(1 + Below(3));
      lab_.Take(lab_.book().Tick(lab_.now() + tick_));
    }
  }

  void RandomReport() {
    static constexpr int kStates[] = {30,  40,  50,  60,  80,  100, 110, 200, 200, 200, 200,
                                      200, 200, 200, 200, 210, 300, 310, 315, 320, 330, 340};
    const std::size_t pick = static_cast<std::size_t>(Below(Below(8) == 0 ? 22 : 15));
    const auto state = static_cast<v1::DeploymentState>(kStates[pick]);
    const v1::UpdateReport report = lab_.ReportOf("r", state);
    const std::string device = AnyDevice();
    lab_.Report(device, report);
    if (Below(4) == 0) {
      lab_.Report(device, report);
    }
  }

  std::mt19937 random_;
  RolloutLab lab_;
  Watcher watcher_;
  Duration tick_;
};

TEST(RolloutProperties, HoldInRandomHistories) {
  for (unsigned seed = 1; seed <= 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History(seed).Run(120);
  }
}

}  // namespace
}  // namespace flotilla::rollout
