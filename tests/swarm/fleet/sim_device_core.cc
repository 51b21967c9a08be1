#include "tests/swarm/fleet/sim_device_core.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::swarm {
namespace {

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

// A status of about 200 bytes on the wire.
v1::UpdateReport FloodReport() {
  v1::UpdateReport report;
  report.mutable_release()->set_line("flood");
  report.mutable_release()->set_sha256(std::string(32, 'r'));
  report.set_previous_sha256(std::string(32, 'p'));
  report.set_role(std::string(80, 'x'));
  report.set_state(v1::DEPLOYMENT_STATE_DOWNLOADING);
  return report;
}

}  // namespace

SimDeviceCore::SimDeviceCore(SimDeviceOptions options, DeviceLink& link, DeviceWitness& witness,
                             Random& random)
    : options_(std::move(options)),
      link_(link),
      witness_(witness),
      machine_(options_.session, random),
      outbox_(options_.boot_epoch),
      update_(options_.habits, options_.id, random) {}

void SimDeviceCore::Start(Duration now) {
  Carry(machine_.Start(now), now);
}

void SimDeviceCore::Stop(Duration now) {
  session_due_.reset();
  Carry(machine_.Stop(), now);
}

void SimDeviceCore::OnTime(Duration now) {
  if (session_due_.has_value() && *session_due_ <= now) {
    session_due_.reset();
    Carry(machine_.OnTimer(now), now);
  }
  AdvanceUpdate(now);
}

void SimDeviceCore::OnMessage(const v1::SessionResponse& message, Duration now) {
  if (options_.no_spread && message.has_welcome()) {
    v1::SessionResponse hasty = message;
    hasty.mutable_welcome()->mutable_reconnect_spread()->Clear();
    Carry(machine_.OnMessage(hasty, now), now);
    return;
  }
  Carry(machine_.OnMessage(message, now), now);
}

void SimDeviceCore::OnClosed(const Status& status, Duration now) {
  Carry(machine_.OnClosed(status, now), now);
}

std::optional<Duration> SimDeviceCore::next_due() const {
  const std::optional<Duration> update = update_.next_due();
  if (!session_due_.has_value() || !update.has_value()) {
    return session_due_.has_value() ? session_due_ : update;
  }
  return std::min(*session_due_, *update);
}

void SimDeviceCore::Carry(const agent::SessionActions& actions, Duration now) {
  for (const agent::SessionAction& action : actions) {
    std::visit(Overloaded{
                   [this](const agent::OpenSession&) { SayHello(); },
                   [this](const agent::CloseSession&) { link_.Close(); },
                   [&](const agent::ArmTimer& timer) { session_due_ = now + timer.delay; },
                   [this](const agent::SendHeartbeat&) {
                     v1::SessionRequest request;
                     request.mutable_heartbeat();
                     link_.Send(request);
                   },
                   [&](const agent::SessionUp& up) { OnSessionUp(up.welcome, now); },
                   [&](const agent::SessionDown& down) { OnSessionDown(down, now); },
                   [&](const agent::TakeUpDesired& taken) { OnDesired(taken.desired, now); },
                   [&](const agent::ForgetReports& acked) { Forget(acked, now); },
                   [this](const agent::LeaveFleet&) {
                     v1::SessionRequest request;
                     request.mutable_decommission_done();
                     link_.Send(request);
                   },
                   [](const agent::RenewCertificate&) {},  // its certificate outlives the run
                   [&](const agent::RestIfDone&) { Carry(machine_.Rest(), now); },
                   [this](const agent::SessionRests&) { was_live_ = false; },
               },
               action);
  }
}

void SimDeviceCore::SayHello() {
  v1::SessionRequest request;
  v1::Hello& hello = *request.mutable_hello();
  hello.set_device_id(options_.id);
  hello.set_machine_fingerprint(ToText(security::Sha256(AsBytes(options_.id)).bytes()));
  hello.set_agent_version("swarm");
  hello.set_observed_generation(generation_);
  for (v1::LineStatus& status : update_.Installed()) {
    *hello.add_lines() = std::move(status);
  }
  hello.set_boot_epoch(outbox_.boot_epoch());
  hello.set_outbox_first_seq(outbox_.first_seq());
  hello.set_outbox_last_seq(outbox_.last_seq());
  hello.mutable_facts()->set_arch("x86_64");
  hello.mutable_facts()->set_hardware("simulated");
  for (const auto& [name, value] : options_.labels) {
    (*hello.mutable_facts()->mutable_labels())[name] = value;
  }
  link_.Open();
  link_.Send(request);
}

void SimDeviceCore::OnSessionUp(const v1::Welcome& welcome, Duration now) {
  std::optional<Duration> away;
  if (down_since_.has_value()) {
    away = now - *down_since_;
  }
  down_since_.reset();
  was_live_ = true;
  sent_seq_ = 0;
  if (welcome.durable_seq() > outbox_.made().size()) {
    witness_.OnWrong(options_.id + ": durable_seq past the last report made");
  }
  witness_.OnUp(away, now);
}

void SimDeviceCore::OnSessionDown(const agent::SessionDown& down, Duration now) {
  const bool was_live = std::exchange(was_live_, false);
  if (was_live) {
    down_since_ = now;
  }
  link_.Close();
  witness_.OnDown(down.cause, was_live);
}

void SimDeviceCore::OnDesired(const v1::DesiredState& desired, Duration now) {
  if (desired.generation() < generation_) {
    witness_.OnWrong(options_.id + ": the generation went back");
  }
  if (desired.generation() != generation_) {
    witness_.OnDesired(desired, now);
  }
  generation_ = desired.generation();
  if (update_.TakeStops(desired)) {
    v1::SessionRequest request;
    for (v1::LineStatus& status : update_.Installed()) {
      *request.mutable_lines_changed()->add_lines() = std::move(status);
    }
    link_.Send(request);
  }
  update_.TakeDesired(desired, now);
  AdvanceUpdate(now);
}

void SimDeviceCore::Forget(const agent::ForgetReports& acked, Duration now) {
  if (acked.boot_epoch.value_or(outbox_.boot_epoch()) != outbox_.boot_epoch()) {
    witness_.OnWrong(options_.id + ": an acknowledgement of another outbox");
    return;
  }
  if (acked.durable_seq > sent_ever_seq_) {
    witness_.OnWrong(options_.id + ": an acknowledgement of what was never sent");
  }
  outbox_.AckUpTo(acked.durable_seq);
  std::erase_if(sent_, [&](const auto& sent) {
    if (sent.first > acked.durable_seq) {
      return false;
    }
    witness_.OnAcked(sent.second, now);
    return true;
  });
  sent_seq_ = std::max(sent_seq_, acked.durable_seq);
  SendReports(now);
}

void SimDeviceCore::AdvanceUpdate(Duration now) {
  for (v1::UpdateReport& report : update_.Advance(now)) {
    outbox_.Append(std::move(report));
  }
  if (live()) {
    SendReports(now);
  }
}

void SimDeviceCore::Flood(std::size_t outstanding, Duration now) {
  flood_ = outstanding;
  if (live()) {
    SendReports(now);
  }
}

void SimDeviceCore::KeepFlooding() {
  while (outbox_.waiting() < flood_) {
    outbox_.Append(FloodReport());
  }
}

void SimDeviceCore::SendReports(Duration now) {
  KeepFlooding();
  const std::uint64_t first = outbox_.first_seq();
  if (first == 0 || outbox_.last_seq() <= sent_seq_) {
    return;
  }
  const std::uint64_t in_flight = sent_seq_ >= first ? sent_seq_ - first + 1 : 0;
  if (in_flight >= kReportWindow) {
    return;
  }
  for (const v1::UpdateReport* report : outbox_.After(sent_seq_, kReportWindow - in_flight)) {
    v1::SessionRequest request;
    *request.mutable_report() = *report;
    link_.Send(request);
    const bool again = report->seq() <= sent_ever_seq_;
    witness_.OnReportSent(*report, again);
    if (!again) {
      sent_.emplace_back(report->seq(), now);
    }
    sent_seq_ = report->seq();
    sent_ever_seq_ = std::max(sent_ever_seq_, sent_seq_);
  }
  Carry(machine_.OnSent(), now);
}

}  // namespace flotilla::swarm
