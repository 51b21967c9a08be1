#include "tests/swarm/agents/swarm_watch.h"

#include <signal.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"

#include "tests/swarm/agents/own_devices.h"
#include "tests/swarm/fleet/awaited_signals.h"

namespace flotilla::swarm {
namespace {

constexpr Duration kTurn = absl::Milliseconds(100);
constexpr Duration kLastTurns = absl::Milliseconds(25);
constexpr Duration kTold = absl::Seconds(1);

bool IsEnd(int signal) {
  return signal == SIGTERM || signal == SIGINT;
}

void Tell(const std::string& what) {
  std::cerr << what << "\n";
}

void TellNothing(const std::string& /*what*/) {}

}  // namespace

void SwarmWatch::UntilEnd() {
  const sigset_t awaited = AwaitedSignals();
  const Duration end = options_.duration > Duration() ? clock_.Monotonic() + options_.duration
                                                      : absl::InfiniteDuration();
  while (clock_.Monotonic() < end) {
    swarm_.Turn(Tell);
    TellProgress();
    const int came = WaitForSignal(awaited, kTurn);
    if (IsEnd(came)) {
      return;
    }
    if (came != 0) {
      PrintReport(Report());
    }
  }
}

HerdReport SwarmWatch::End() {
  const sigset_t awaited = AwaitedSignals();
  HerdReport report = Report();
  swarm_.AskToEnd();
  const Duration limit = clock_.Monotonic() + options_.end_limit;
  while (swarm_.live() > 0 && clock_.Monotonic() < limit &&
         !IsEnd(WaitForSignal(awaited, kLastTurns))) {
    swarm_.Turn(TellNothing);
  }
  report.killed = swarm_.KillRest();
  report.counts = swarm_.Report().counts;
  return report;
}

HerdReport SwarmWatch::Report() const {
  HerdReport report = swarm_.Report();
  report.memory = swarm_.Memory();
  if (options_.operator_access.address.empty()) {
    return report;
  }
  auto own = AskForDevices(options_.operator_access, swarm_.Names());
  if (own.ok()) {
    report.controller = *std::move(own);
  } else {
    report.controller_error = MessageOf(own.status());
  }
  return report;
}

void SwarmWatch::TellProgress() {
  if (clock_.Monotonic() < next_told_) {
    return;
  }
  next_told_ = clock_.Monotonic() + kTold;
  const HerdReport now = swarm_.Report();
  Tell(absl::StrFormat("%7.1f s  live %d of %d  enrolled %d  started %d  restarted %d",
                       absl::ToDoubleSeconds(now.time), now.live, now.agents, now.enrolled,
                       now.counts.started, now.counts.restarted));
  const std::size_t up = now.live == now.agents ? now.enrolled : 0;
  if (up == now.agents && up_ != up) {
    Tell("all live and enrolled");
  }
  up_ = up;
}

void PrintReport(const HerdReport& report) {
  std::printf("%s\n", HerdReportJson(report).c_str());
  std::fflush(stdout);
}

}  // namespace flotilla::swarm
