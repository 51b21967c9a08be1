// rollout_growth_bench: what one call of the rollout book costs in a fleet of 100 devices and in
// one of 100,000. One JSON line per call with both times and their ratio. The canary has 100
// devices in both, so that a call has the same work to do. `create` reads every device once and is
// there for comparison. Exit 1: a call other than create costs ten times as much or more.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "controller/rollout/rollout_book.h"
#include "controller/rollout/wire_time.h"
#include "tests/support/fake_fleet_view.h"

namespace {

using flotilla::rollout::EmptyMatch;
using flotilla::rollout::RolloutBook;
namespace v1 = flotilla::v1;

constexpr int kSmall = 100;
constexpr int kLarge = 100'000;
constexpr int kRounds = 30;
constexpr double kMostGrowth = 10;
constexpr char kLine[] = "model";

struct Call {
  std::string name;
  double micros = 0;
};

class Bench {
 public:
  explicit Bench(int devices) {
    for (const char* version : {"1.0.0", "2.0.0"}) {
      v1::Release& release = fleet_.releases[{kLine, version}];
      release.mutable_ref()->set_line(kLine);
      release.mutable_ref()->set_version(version);
      std::string digest = version;
      digest.resize(32, '.');
      release.mutable_ref()->set_sha256(digest);
    }
    for (int i = 0; i < devices; ++i) {
      v1::Device& device = fleet_.AddDevice(absl::StrCat("dev-", absl::Dec(i, absl::kZeroPad6)));
      (*device.mutable_labels())["site"] = absl::StrCat("site-", i % 50);
      device.mutable_facts()->set_hardware("board");
    }
  }

  // The least of each call over the rounds: what else runs on the machine does not lower it.
  std::vector<Call> Run() {
    std::vector<Call> least;
    for (int round = 0; round < kRounds; ++round) {
      const std::vector<Call> now = Round();
      for (std::size_t i = 0; i < now.size(); ++i) {
        if (least.size() <= i) {
          least.push_back(now[i]);
        }
        least[i].micros = std::min(least[i].micros, now[i].micros);
      }
    }
    return least;
  }

 private:
  static v1::RolloutSpec Spec() {
    v1::RolloutSpec spec;
    spec.set_name("r");
    spec.set_line(kLine);
    spec.set_version("2.0.0");
    v1::WaveSpec& canary = *spec.mutable_strategy()->add_waves();
    canary.set_name("canary");
    canary.set_count(100);
    canary.set_max_in_flight(50);
    *canary.mutable_soak() = flotilla::rollout::ToWire(absl::Hours(6));
    v1::WaveSpec& rest = *spec.mutable_strategy()->add_waves();
    rest.set_name("rest");
    rest.set_percent(100);
    return spec;
  }

  template <typename Work>
  void Measure(const char* name, std::vector<Call>& calls, const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    calls.push_back({name, took.count()});
  }

  void Act(RolloutBook& book, v1::RolloutAction action) const {
    auto change = book.Act("r", action, v1::HOLD_MODE_UNSPECIFIED, "bench", now_);
    benchmark::DoNotOptimize(change);
    if (!change.ok()) {
      std::cerr << change.status() << "\n";
      std::abort();
    }
  }

  std::vector<Call> Round() {
    RolloutBook book(fleet_);
    book.Load({}, {}, {{kLine, fleet_.FindRelease(kLine, "1.0.0")->ref(), "", ""}});
    (void)book.Tick(now_);  // Looks at every device once after a start.
    std::vector<Call> calls;
    Measure("create", calls, [&] {
      benchmark::DoNotOptimize(book.Create(Spec(), "bench", EmptyMatch::kRefuse, now_));
    });
    Measure("start_wave", calls, [&] { Act(book, v1::ROLLOUT_ACTION_START); });
    const std::vector<v1::RolloutDevice> members = book.Devices("r");
    Measure("report_x50", calls, [&] {
      int said = 0;
      for (const v1::RolloutDevice& member : members) {
        if (member.state() == v1::DEPLOYMENT_STATE_OFFERED && said++ < 50) {
          Report(book, member.device_id(), v1::DEPLOYMENT_STATE_SUCCEEDED);
        }
      }
    });
    Measure("tick", calls, [&] { benchmark::DoNotOptimize(book.Tick(now_)); });
    Measure("device_moves", calls,
            [&] { benchmark::DoNotOptimize(book.OnDevice(members[0].device_id(), now_)); });
    Measure("desired", calls,
            [&] { benchmark::DoNotOptimize(book.Desired(members[0].device_id())); });
    Measure("device_why", calls,
            [&] { benchmark::DoNotOptimize(book.ExplainDevice(members[0].device_id())); });
    Measure("explain", calls, [&] { benchmark::DoNotOptimize(book.ExplainRollout("r")); });
    Measure("pause", calls, [&] { Act(book, v1::ROLLOUT_ACTION_PAUSE); });
    Measure("resume", calls, [&] { Act(book, v1::ROLLOUT_ACTION_RESUME); });
    Measure("abort", calls, [&] { Act(book, v1::ROLLOUT_ACTION_ABORT); });
    return calls;
  }

  void Report(RolloutBook& book, const std::string& device, v1::DeploymentState state) {
    v1::UpdateReport report;
    *report.mutable_release() = fleet_.FindRelease(kLine, "2.0.0")->ref();
    report.set_rollout_id("r");
    report.set_attempt(1);
    report.set_state(state);
    benchmark::DoNotOptimize(book.OnReport(device, report, now_));
  }

  flotilla::testing::FakeFleetView fleet_;
  flotilla::Time now_ = absl::FromUnixSeconds(1'800'000'000);
};

}  // namespace

int main() {
  const std::vector<Call> small = Bench(kSmall).Run();
  const std::vector<Call> large = Bench(kLarge).Run();
  int status = 0;
  for (std::size_t i = 0; i < small.size(); ++i) {
    const double growth = large[i].micros / small[i].micros;
    std::printf(
        "{\"bench\":\"rollout_growth\",\"call\":\"%s\",\"us_at_%d\":%.1f,\"us_at_%d\":%.1f,"
        "\"growth\":%.2f}\n",
        small[i].name.c_str(), kSmall, small[i].micros, kLarge, large[i].micros, growth);
    if (small[i].name != "create" && growth >= kMostGrowth) {
      status = 1;
    }
  }
  return status;
}
