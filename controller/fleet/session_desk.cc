#include "controller/fleet/session_desk.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/decommission_label.h"
#include "controller/fleet/hello_check.h"
#include "controller/fleet/installed_lines.h"
#include "controller/fleet/proto_time.h"
#include "controller/fleet/readmission.h"
#include "controller/session/reconnect_pace.h"
#include "controller/session/session_end.h"

namespace flotilla::controller {
namespace {

constexpr int kMaxCloneFingerprints = 8;
constexpr std::size_t kMaxEarlyReports = 256;
constexpr Duration kReturnTime = absl::Minutes(10);

}  // namespace

SessionDesk::SessionDesk(FleetState& state, rollout::RolloutBook& book, FleetLedger& ledger,
                         SessionRegistry& sessions, Presence& presence, CommitQueue& commits,
                         Executor& loop, const Clock& clock, const Backpressure& pressure,
                         double handshakes_per_second)
    : state_(state),
      book_(book),
      ledger_(ledger),
      sessions_(sessions),
      presence_(presence),
      commits_(commits),
      loop_(loop),
      clock_(clock),
      pressure_(pressure),
      handshakes_per_second_(handshakes_per_second),
      admission_(state, clock) {}

void SessionDesk::SetBaseUrls(const std::string& metadata_url, const std::string& targets_url) {
  metadata_url_ = metadata_url;
  targets_url_ = targets_url;
}

void SessionDesk::SetAuthorities(const std::string& ca_bundle_pem, const Digest& issuing) {
  ca_bundle_pem_ = ca_bundle_pem;
  issuing_ = issuing;
}

void SessionDesk::OnHello(const SessionPeer& peer, std::shared_ptr<DeviceSession> session,
                          const v1::Hello& hello) {
  if (const Status status = admission_.Admit(peer, hello); !status.ok()) {
    session->Close(status);
    return;
  }
  const std::string& id = peer.device_id;
  const std::optional<RestoredFleet>& restored = admission_.restored();
  if (!admission_.IssuedHere(peer)) {
    ledger_.Apply(Readmission(*restored, peer, hello, issuing_, state_.FindStored(id)), nullptr);
  }
  if (hello_watcher_) {
    hello_watcher_(hello);
  }
  StoredDevice* device = state_.MutableDevice(id);
  const std::string& fingerprint = device->record.machine_fingerprint();
  if (!fingerprint.empty() && fingerprint != hello.machine_fingerprint()) {
    FlagClone(id, hello.machine_fingerprint());
  }
  if (device->record.clone_suspected()) {
    session->Close(HeldByTwoMachines());
    return;
  }
  sessions_.Close(id, Aborted("a newer session of this device took over"));
  const DeviceSession* key = session.get();
  OpenSession open;
  open.session = std::move(session);
  open.serial_hex = peer.serial_hex;
  open.clock_nonce = hello.clock_nonce();
  sessions_.Put(id, std::move(open));
  if (restored.has_value()) {
    TakeLostFacts(*restored, hello, book_.Desired(id), *device);
  }
  TakeHello(hello, device->record);
  device->session_epoch += 1;
  if (device->boot_epoch == 0) {
    // Its first outbox: there is nothing to look up, and a fleet that enrols has thousands of
    // these.
    device->boot_epoch = hello.boot_epoch();
  }
  if (device->boot_epoch == hello.boot_epoch()) {
    RecordHello(id, key);
  } else {
    LookUpOutbox(id, key, hello.boot_epoch());
  }
}

void SessionDesk::Supersede(const std::string& device_id, const std::string& serial_hex,
                            FleetChange& change) const {
  const StoredDevice& device = *state_.FindStored(device_id);
  if (device.record.certificate_serial() != serial_hex) {
    return;  // an older one is in use still: the answer that had the newest was lost
  }
  for (const HeldCertificate& held : state_.CertificatesOf(device_id)) {
    if (held.serial_hex != serial_hex) {
      change.revocations.push_back({held.serial_hex, "device:" + device_id, clock_.Now(), true});
      change.audit.push_back(MakeAuditEntry("device:" + device_id, "certificate.superseded",
                                            "device/" + device_id,
                                            "serial " + held.serial_hex + " by " + serial_hex));
    }
  }
}

void SessionDesk::GiveOrders(const OpenSession& open, const v1::Device& device) {
  v1::SessionResponse order;
  if (device.decommissioned()) {
    const auto fate = device.labels().find(kDecommissionLabel);
    order.mutable_decommission()->set_wipe_models(fate != device.labels().end() &&
                                                  fate->second == kWipeModels);
    open.session->SendOrder(order);
    return;
  }
  const HeldCertificate* held = state_.FindCertificate(open.serial_hex);
  if (held != nullptr && issuing_ != Digest() && held->authority != issuing_) {
    order.mutable_renew_identity();
    open.session->SendOrder(order);
  }
}

void SessionDesk::OrderAgain(const std::string& device_id) {
  const OpenSession* open = sessions_.Find(device_id);
  if (open != nullptr && open->stage == SessionStage::kWelcomed) {
    GiveOrders(*open, state_.FindStored(device_id)->record);
  }
}

void SessionDesk::OnDecommissionDone(const std::string& device_id, const DeviceSession* session) {
  if (sessions_.Find(device_id, session) == nullptr) {
    return;
  }
  StoredDevice device = *state_.FindStored(device_id);
  if (!device.record.decommissioned()) {
    return;
  }
  device.record.set_decommission_done(true);
  device.record.set_revoked(true);
  FleetChange change;
  for (const HeldCertificate& held : state_.CertificatesOf(device_id)) {
    change.revocations.push_back({held.serial_hex, "device:" + device_id, clock_.Now()});
  }
  change.audit.push_back(MakeAuditEntry("device:" + device_id, "device.decommissioned",
                                        "device/" + device_id, "its keys are wiped"));
  change.devices.push_back(std::move(device));
  ledger_.Apply(std::move(change), nullptr);
}

void SessionDesk::FlagClone(const std::string& device_id, const std::string& fingerprint) {
  sessions_.Close(device_id, HeldByTwoMachines());
  FleetChange change;
  StoredDevice flagged = *state_.FindStored(device_id);
  auto* others = flagged.record.mutable_clone_fingerprints();
  if (std::find(others->begin(), others->end(), fingerprint) != others->end()) {
    return;
  }
  flagged.record.set_clone_suspected(true);
  *others->Add() = fingerprint;
  std::rotate(others->begin(), others->end() - 1, others->end());  // newest first
  while (others->size() > kMaxCloneFingerprints) {
    others->RemoveLast();
  }
  change.audit.push_back(MakeAuditEntry(
      kControllerActor, "device.clone_suspected", "device/" + device_id,
      "enrolled on machine " + HexEncode(AsBytes(flagged.record.machine_fingerprint())) +
          ", now also on machine " + HexEncode(AsBytes(fingerprint))));
  change.devices.push_back(std::move(flagged));
  ledger_.Apply(std::move(change), nullptr);
}

// An outbox that is new here, or one of before: the store knows how far it came.
void SessionDesk::LookUpOutbox(const std::string& device_id, const DeviceSession* session,
                               std::uint64_t boot_epoch) {
  commits_.Read([this, device_id, session, boot_epoch](FleetStore& store) {
    const StatusOr<std::uint64_t> last = store.LastReportSeq(device_id, boot_epoch);
    loop_.Post([this, device_id, session, boot_epoch, last] {
      if (sessions_.Find(device_id, session) == nullptr) {
        return;
      }
      if (!last.ok()) {
        sessions_.Close(device_id, StoreFailed(last.status()));
        return;
      }
      StoredDevice* device = state_.MutableDevice(device_id);
      device->boot_epoch = boot_epoch;
      device->report_seq = *last;
      RecordHello(device_id, session);
    });
  });
}

void SessionDesk::RecordHello(const std::string& device_id, const DeviceSession* session) {
  presence_.MarkOnline(device_id);
  const StoredDevice& device = *state_.FindStored(device_id);
  FleetChange change;
  change.devices.push_back(device);
  if (const OpenSession* open = sessions_.Find(device_id, session); open != nullptr) {
    Supersede(device_id, open->serial_hex, change);
  }
  // Captured by reference to what Apply leaves in memory: read after it, sent after the commit.
  auto desired = std::make_shared<DesiredFrame>();
  ledger_.Apply(std::move(change), [this, device_id, session, epoch = device.session_epoch,
                                    seq = device.report_seq, desired](const Status& status) {
    if (status.ok()) {
      Greet(device_id, session, epoch, seq, *desired);
    }
  });
  *desired = ledger_.DesiredFrameOf(device_id);
  OpenSession* open = sessions_.Find(device_id, session);
  if (open == nullptr) {
    return;
  }
  for (const v1::UpdateReport& report : std::exchange(open->early_reports, {})) {
    OnReport(device_id, session, report);
  }
}

void SessionDesk::Greet(const std::string& device_id, const DeviceSession* session,
                        std::uint64_t epoch, std::uint64_t durable_seq,
                        const DesiredFrame& desired) {
  OpenSession* open = sessions_.Find(device_id, session);
  if (open == nullptr) {
    return;
  }
  open->durable_seq = std::max(open->durable_seq, durable_seq);
  v1::Welcome welcome;
  welcome.set_session_epoch(epoch);
  open->told_heartbeat = pressure_.heartbeat();
  *welcome.mutable_heartbeat_interval() = ToProto(open->told_heartbeat);
  open->told_spread = SpreadNow();
  *welcome.mutable_reconnect_spread() = ToProto(open->told_spread);
  welcome.set_durable_seq(open->durable_seq);
  welcome.set_metadata_url(metadata_url_);
  welcome.set_targets_url(targets_url_);
  welcome.set_ca_bundle_pem(ca_bundle_pem_);
  if (const std::string nonce = std::exchange(open->clock_nonce, {});
      clock_attestor_ && !nonce.empty()) {
    auto attestation = clock_attestor_(nonce);
    if (attestation.ok()) {
      *welcome.mutable_clock_attestation() = *std::move(attestation);
    }
  }
  open->session->SendWelcome(welcome);
  open->stage = SessionStage::kWelcomed;
  GiveOrders(*open, state_.FindStored(device_id)->record);
  open->sent_generation = desired.generation;
  open->session->SendDesired(desired);
}

void SessionDesk::ExpectBack(std::size_t devices) {
  expected_back_ = devices;
  expected_until_ = clock_.Monotonic() + kReturnTime;
}

Duration SessionDesk::SpreadNow() const {
  const std::size_t expected = clock_.Monotonic() < expected_until_ ? expected_back_ : 0;
  return ReconnectSpread(std::max(sessions_.size(), expected), handshakes_per_second_);
}

void SessionDesk::Heard(const std::string& device_id, OpenSession& open) {
  presence_.Heard(device_id);
  const Duration wanted = pressure_.heartbeat();
  const Duration spread = SpreadNow();
  const bool known = open.told_heartbeat == wanted && !IsOutdatedSpread(open.told_spread, spread);
  if (open.stage != SessionStage::kWelcomed || known) {
    return;
  }
  open.told_heartbeat = wanted;
  open.told_spread = spread;
  v1::Welcome again;
  again.set_session_epoch(state_.FindStored(device_id)->session_epoch);
  *again.mutable_heartbeat_interval() = ToProto(wanted);
  *again.mutable_reconnect_spread() = ToProto(spread);
  open.session->SendWelcome(again);
}

void SessionDesk::OnReport(const std::string& device_id, const DeviceSession* session,
                           const v1::UpdateReport& report) {
  OpenSession* open = sessions_.Find(device_id, session);
  if (open == nullptr) {
    return;
  }
  if (const Status status = CheckReport(report); !status.ok()) {
    sessions_.Close(device_id, BeyondLimits(status));
    return;
  }
  Heard(device_id, *open);
  const StoredDevice& device = *state_.FindStored(device_id);
  if (report.boot_epoch() != device.boot_epoch) {
    if (open->stage == SessionStage::kHello && open->early_reports.size() < kMaxEarlyReports) {
      open->early_reports.push_back(report);
    } else {
      sessions_.Close(
          device_id,
          BeyondLimits(InvalidArgument("report.boot_epoch is not the one of the Hello")));
    }
    return;
  }
  if (report.seq() > device.report_seq) {
    TakeReport(device_id, report);
  } else if (report.seq() <= open->durable_seq) {
    Acknowledge(device_id, session, open->durable_seq);
  }
  // Else it is on its way to the disk, and acknowledged from there.
}

void SessionDesk::TakeReport(const std::string& device_id, const v1::UpdateReport& report) {
  StoredDevice* device = state_.MutableDevice(device_id);
  device->report_seq = report.seq();
  *device->record.mutable_last_report() = report;
  TakeReportedLine(report, device->record);
  const Time now = clock_.Now();
  rollout::RolloutChange moved = book_.OnReport(device_id, report, now);
  FleetChange change;
  change.devices.push_back(*device);
  change.reports.push_back(StoredReport{device_id, report, now});
  const DeviceSession* session = sessions_.Find(device_id)->session.get();
  ledger_.Record(std::move(change), std::move(moved),
                 [this, device_id, session, seq = report.seq()](const Status& status) {
                   if (status.ok()) {
                     Acknowledge(device_id, session, seq);
                   }
                 });
}

void SessionDesk::Acknowledge(const std::string& device_id, const DeviceSession* session,
                              std::uint64_t seq) {
  OpenSession* open = sessions_.Find(device_id, session);
  if (open == nullptr) {
    return;
  }
  open->durable_seq = std::max(open->durable_seq, seq);
  v1::Ack ack;
  ack.set_boot_epoch(state_.FindStored(device_id)->boot_epoch);
  ack.set_durable_seq(open->durable_seq);
  open->session->SendAck(ack);
}

void SessionDesk::OnCondition(const std::string& device_id, const DeviceSession* session,
                              const v1::Condition& condition) {
  OpenSession* open = sessions_.Find(device_id, session);
  if (open == nullptr) {
    return;
  }
  if (const Status status = CheckCondition(condition); !status.ok()) {
    sessions_.Close(device_id, BeyondLimits(status));
    return;
  }
  *state_.MutableDevice(device_id)->record.mutable_condition() = condition;
  Heard(device_id, *open);
  presence_.ConditionChanged(device_id);
}

void SessionDesk::OnLinesChanged(const std::string& device_id, const DeviceSession* session,
                                 const v1::LinesChanged& changed) {
  if (sessions_.Find(device_id, session) == nullptr) {
    return;
  }
  if (const Status status = CheckLines(changed.lines()); !status.ok()) {
    sessions_.Close(device_id, BeyondLimits(status));
    return;
  }
  presence_.Heard(device_id);
  FleetChange change;
  change.devices.push_back(*state_.FindStored(device_id));
  *change.devices.back().record.mutable_lines() = changed.lines();
  ledger_.Apply(std::move(change), nullptr);
}

void SessionDesk::OnHeartbeat(const std::string& device_id, const DeviceSession* session) {
  if (OpenSession* open = sessions_.Find(device_id, session); open != nullptr) {
    Heard(device_id, *open);
  }
}

void SessionDesk::OnDisconnect(const std::string& device_id, const DeviceSession* session) {
  if (sessions_.Find(device_id, session) != nullptr) {
    sessions_.Remove(device_id);
    presence_.Left(device_id);
  }
}

}  // namespace flotilla::controller
