#include "controller/fleet/fleet.h"

#include <algorithm>
#include <utility>

#include "controller/fleet/audit_entry.h"
#include "controller/fleet/decommission_label.h"
#include "controller/fleet/device_story.h"
#include "controller/fleet/fan_out.h"
#include "controller/fleet/fleet_drain.h"
#include "controller/fleet/fleet_ledger.h"
#include "controller/fleet/policy_desk.h"
#include "controller/fleet/presence.h"
#include "controller/fleet/pressure_desk.h"
#include "controller/fleet/proto_time.h"
#include "controller/fleet/revocation_desk.h"
#include "controller/fleet/rollout_desk.h"
#include "controller/fleet/session_desk.h"
#include "controller/fleet/session_registry.h"
#include "controller/rollout/rollout_book.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kReportsTold = 50;
constexpr std::size_t kMaxAuditPage = 1000;

// "Last seen" is kept to the hour.
constexpr Duration kSeenLately = absl::Hours(2);

// Devices that very likely had a session when the process before this one ended.
std::size_t SeenLately(const FleetSnapshot& snapshot, Time now) {
  return static_cast<std::size_t>(
      std::count_if(snapshot.devices.begin(), snapshot.devices.end(), [&](const auto& device) {
        return !device.record.revoked() && device.record.has_last_seen_at() &&
               now - FromProto(device.record.last_seen_at()) < kSeenLately;
      }));
}

Status UnknownDevice(const std::string& id) {
  return NotFound("no device " + id);
}

}  // namespace

struct Fleet::Impl {
  Impl(const FleetOptions& options, CommitQueue& commits_in, Executor& loop_in,
       const Clock& clock_in, std::function<void(const Status&)> failed)
      : commits(commits_in),
        pressure(options.pressure, options.heartbeat_interval),
        loop(loop_in),
        clock(clock_in),
        book(state),
        fan_out(options.fan_out, registry, loop, clock),
        ledger(state, book, registry, fan_out, revocations, commits, clock, std::move(failed)),
        presence(state, book, ledger, registry, loop, clock, pressure, reads),
        rollouts(book, ledger, loop, clock, {options.tick, options.rollout_approvals}),
        revocation_desk(state, book, ledger, registry, clock),
        policies(book, ledger, clock),
        sessions(state, book, ledger, registry, presence, commits, loop, clock, pressure,
                 options.handshakes_per_second),
        heartbeats(options.heartbeat_interval, loop,
                   [this](const Heartbeat& heard) {
                     sessions.OnHeartbeat(heard.device_id, heard.session.get());
                   }),
        pressure_desk(commits, pressure, reads, loop),
        drain(registry, loop, clock, options.handshakes_per_second),
        restored(options.restored) {
    if (restored.has_value()) {
      ledger.SetRestored(*restored);
      sessions.SetRestored(*restored);
    }
  }

  void RevokeHeld(const v1::Device& device, FleetChange& change) const {
    const std::string subject = "device:" + device.id();
    if (!device.certificate_serial().empty()) {
      change.revocations.push_back({device.certificate_serial(), subject, clock.Now()});
    }
    for (const HeldCertificate& held : state.CertificatesOf(device.id())) {
      if (held.serial_hex != device.certificate_serial()) {
        change.revocations.push_back({held.serial_hex, subject, clock.Now()});
      }
    }
  }

  CommitQueue& commits;
  Backpressure pressure;
  ReadGate reads;
  Executor& loop;
  const Clock& clock;
  FleetState state;
  rollout::RolloutBook book;
  SessionRegistry registry;
  RevocationSet revocations;
  FanOut fan_out;
  FleetLedger ledger;
  Presence presence;
  RolloutDesk rollouts;
  RevocationDesk revocation_desk;
  PolicyDesk policies;
  SessionDesk sessions;
  HeartbeatInbox heartbeats;
  PressureDesk pressure_desk;
  FleetDrain drain;
  const std::optional<RestoredFleet> restored;
};

Fleet::Fleet(const FleetOptions& options, const FleetSnapshot& snapshot, CommitQueue& commits,
             Executor& loop, const Clock& clock, std::function<void(const Status&)> failed)
    : impl_(std::make_unique<Impl>(options, commits, loop, clock, std::move(failed))) {
  impl_->ledger.Load(snapshot);
  impl_->sessions.ExpectBack(SeenLately(snapshot, clock.Now()));
}

Fleet::~Fleet() = default;

void Fleet::Post(Executor::Task task) {
  impl_->loop.Post(std::move(task));
}

void Fleet::SetClockAttestor(
    std::function<StatusOr<v1::ClockAttestation>(const std::string& nonce)> attestor) {
  impl_->sessions.SetClockAttestor(std::move(attestor));
}

void Fleet::SetHelloWatcher(std::function<void(const v1::Hello& hello)> watcher) {
  impl_->sessions.SetHelloWatcher(std::move(watcher));
}

void Fleet::SetBaseUrls(const std::string& metadata_url, const std::string& targets_url) {
  impl_->sessions.SetBaseUrls(metadata_url, targets_url);
}

void Fleet::SetAuthorities(const std::string& ca_bundle_pem, const Digest& issuing) {
  impl_->sessions.SetAuthorities(ca_bundle_pem, issuing);
}

void Fleet::Start() {
  impl_->presence.Start();
  impl_->rollouts.Start();
  impl_->pressure_desk.Start();
}

void Fleet::Drain(Duration limit, std::function<void()> closed) {
  impl_->sessions.StopTaking();
  impl_->drain.Start(limit, std::move(closed));
}

void Fleet::Flush(Done done) {
  impl_->presence.Flush(std::move(done));
}

void Fleet::Apply(FleetChange change, Done done) {
  impl_->ledger.Apply(std::move(change), std::move(done));
}

ListenerId Fleet::AddListener(FleetListener listener) {
  return impl_->ledger.AddListener(std::move(listener));
}

void Fleet::RemoveListener(ListenerId id) {
  impl_->ledger.RemoveListener(id);
}

const FleetState& Fleet::state() const {
  return impl_->state;
}

RolloutDesk& Fleet::rollouts() {
  return impl_->rollouts;
}

const RolloutDesk& Fleet::rollouts() const {
  return impl_->rollouts;
}

RevocationDesk& Fleet::revocation_desk() {
  return impl_->revocation_desk;
}

PolicyDesk& Fleet::policies() {
  return impl_->policies;
}

SessionDesk& Fleet::sessions() {
  return impl_->sessions;
}

const SessionDesk& Fleet::sessions() const {
  return impl_->sessions;
}

ReadGate& Fleet::reads() {
  return impl_->reads;
}

HeartbeatInbox& Fleet::heartbeats() {
  return impl_->heartbeats;
}

LoadLevel Fleet::load_level() const {
  return impl_->pressure.level();
}

std::size_t Fleet::waiting_for_change() const {
  return impl_->fan_out.waiting();
}

const RevocationSet& Fleet::revocations() const {
  return impl_->revocations;
}

void Fleet::RevokeDevice(const std::string& device_id, const std::string& comment,
                         const std::string& actor,
                         const std::function<void(StatusOr<v1::Device>)>& done) {
  const StoredDevice* found = impl_->state.FindStored(device_id);
  if (found == nullptr) {
    done(UnknownDevice(device_id));
    return;
  }
  if (found->record.revoked()) {
    done(found->record);
    return;
  }
  StoredDevice device = *found;
  device.record.set_revoked(true);
  FleetChange change;
  impl_->RevokeHeld(device.record, change);
  change.audit.push_back(MakeAuditEntry(actor, "device.revoke", "device/" + device_id, comment));
  change.devices.push_back(std::move(device));
  impl_->ledger.Apply(std::move(change), [this, device_id, done](const Status& status) {
    done(status.ok() ? StatusOr<v1::Device>(*impl_->state.FindDevice(device_id)) : status);
  });
}

void Fleet::RevokeCertificate(
    const std::string& serial_hex, const std::string& comment, const std::string& actor,
    const std::function<void(StatusOr<v1::RevokeCertificateResponse>)>& done) {
  v1::RevokeCertificateResponse response;
  const HeldCertificate* held = impl_->state.FindCertificate(serial_hex);
  std::string subject = "certificate:" + serial_hex;
  if (held != nullptr) {
    subject = "device:" + held->device_id;
    if (const v1::Device* device = impl_->state.FindDevice(held->device_id); device != nullptr) {
      *response.mutable_device() = *device;
    }
  } else if (const auto person = impl_->state.operators().find(serial_hex);
             person != impl_->state.operators().end()) {
    subject = "operator:" + person->second.name();
  }
  FleetChange change;
  change.revocations.push_back({serial_hex, subject, impl_->clock.Now()});
  change.audit.push_back(MakeAuditEntry(actor, "certificate.revoke", "certificate/" + serial_hex,
                                        subject + (comment.empty() ? "" : ", " + comment)));
  impl_->ledger.Apply(std::move(change), [response, done](const Status& status) {
    status.ok() ? done(response) : done(status);
  });
}

void Fleet::DecommissionDevice(const v1::DecommissionDeviceRequest& request,
                               const std::string& actor,
                               const std::function<void(StatusOr<v1::Device>)>& done) {
  const std::string& id = request.device_id();
  const StoredDevice* found = impl_->state.FindStored(id);
  if (found == nullptr) {
    done(UnknownDevice(id));
    return;
  }
  if (found->record.decommissioned()) {
    done(found->record);
    return;
  }
  if (found->record.revoked()) {
    done(FailedPrecondition("device " + id + " is revoked: nothing reaches it any more"));
    return;
  }
  StoredDevice device = *found;
  device.record.set_decommissioned(true);
  (*device.record.mutable_labels())[kDecommissionLabel] =
      request.wipe_models() ? kWipeModels : kKeepModels;
  FleetChange change;
  change.audit.push_back(
      MakeAuditEntry(actor, "device.decommission", "device/" + id,
                     std::string(request.wipe_models() ? kWipeModels : kKeepModels) +
                         (request.comment().empty() ? "" : ", " + request.comment())));
  change.devices.push_back(std::move(device));
  impl_->ledger.Apply(std::move(change), [this, id, done](const Status& status) {
    if (!status.ok()) {
      done(status);
      return;
    }
    impl_->sessions.OrderAgain(id);
    done(*impl_->state.FindDevice(id));
  });
}

void Fleet::ExplainDevice(const std::string& device_id,
                          const std::function<void(StatusOr<v1::ExplainDeviceResponse>)>& done) {
  const v1::Device* device = impl_->state.FindDevice(device_id);
  if (device == nullptr) {
    done(UnknownDevice(device_id));
    return;
  }
  v1::ExplainDeviceResponse response;
  *response.mutable_device() = *device;
  *response.mutable_desired() = impl_->ledger.DesiredOf(device_id);
  const auto session =
      impl_->registry.Contains(device_id) ? SessionPresence::kOpen : SessionPresence::kNone;
  for (const std::string& line :
       TellDevice(*device, session, impl_->rollouts.ExplainDevice(device_id))) {
    response.add_lines(line);
  }
  if (impl_->fan_out.Waits(device_id)) {
    response.add_lines(TellTurn(impl_->fan_out.waiting(), impl_->fan_out.options().per_second));
  }
  if (const std::string held =
          impl_->restored.has_value() ? TellHeldLines(*impl_->restored, *device) : std::string();
      !held.empty()) {
    response.add_lines(held);
  }
  impl_->commits.Read([this, device_id, done, response](FleetStore& store) {
    const auto reports = store.RecentReports(device_id, kReportsTold);
    impl_->loop.Post([done, response, reports]() mutable {
      if (!reports.ok()) {
        done(reports.status());
        return;
      }
      for (const StoredReport& report : *reports) {
        *response.add_recent_reports() = report.report;
      }
      done(std::move(response));
    });
  });
}

void Fleet::ListAudit(std::uint64_t before_seq, std::size_t limit,
                      const std::function<void(StatusOr<std::vector<v1::AuditEntry>>)>& done) {
  const std::size_t most = std::min(limit, kMaxAuditPage);
  impl_->commits.Read([this, before_seq, most, done](FleetStore& store) {
    auto page = store.AuditPage(before_seq, most);
    impl_->loop.Post([done, page = std::move(page)] { done(page); });
  });
}

void Fleet::ListAuditAfter(std::uint64_t after_seq, std::size_t limit,
                           const std::function<void(StatusOr<std::vector<v1::AuditEntry>>)>& done) {
  const std::size_t most = std::min(limit, kMaxAuditPage);
  impl_->commits.Read([this, after_seq, most, done](FleetStore& store) {
    auto page = store.AuditAfter(after_seq, most);
    impl_->loop.Post([done, page = std::move(page)] { done(page); });
  });
}

const Digest& Fleet::audit_genesis() const {
  return impl_->ledger.audit_genesis();
}

const security::AuditHead& Fleet::audit_head() const {
  return impl_->ledger.audit_head();
}

}  // namespace flotilla::controller
