#include "controller/fleet/presence.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "controller/fleet/liveness.h"
#include "controller/fleet/proto_time.h"
#include "controller/session/session_cycle.h"

namespace flotilla::controller {
namespace {

constexpr Duration kConditionFlush = absl::Seconds(2);
constexpr Duration kPresenceFlush = absl::Seconds(60);
constexpr Duration kLongestSweep = absl::Seconds(15);
constexpr Duration kShortestSweep = absl::Milliseconds(100);
constexpr std::int64_t kSecondsPerHour = 3600;

std::int64_t HourOf(const google::protobuf::Timestamp& time) {
  return time.seconds() / kSecondsPerHour;
}

Duration SweepPeriod(Duration heartbeat_interval) {
  return std::clamp(heartbeat_interval / 2, kShortestSweep, kLongestSweep);
}

}  // namespace

Presence::Presence(FleetState& state, rollout::RolloutBook& book, FleetLedger& ledger,
                   SessionRegistry& sessions, Executor& loop, const Clock& clock,
                   const Backpressure& pressure, const ReadGate& reads)
    : state_(state),
      book_(book),
      ledger_(ledger),
      sessions_(sessions),
      loop_(loop),
      clock_(clock),
      pressure_(pressure),
      reads_(reads),
      interval_(pressure.usual_heartbeat()) {}

void Presence::Start() {
  for (const auto& [id, device] : state_.devices()) {
    const v1::Liveness was = device.record.liveness();
    if (was == v1::LIVENESS_ONLINE || was == v1::LIVENESS_LATE) {
      heard_[id] = clock_.Monotonic();
    }
  }
  loop_.PostAfter(kPresenceFlush, [this] { FlushPeriodically(); });
  Sweep();
}

void Presence::FlushPeriodically() {
  if (!NewestWait()) {
    Flush(nullptr);
  }
  loop_.PostAfter(kPresenceFlush, [this] { FlushPeriodically(); });
}

void Presence::MarkOnline(const std::string& device_id) {
  StoredDevice* device = state_.MutableDevice(device_id);
  if (device == nullptr) {
    return;
  }
  heard_[device_id] = clock_.Monotonic();
  *device->record.mutable_last_seen_at() = ToProto(clock_.Now());
  device->record.set_liveness(v1::LIVENESS_ONLINE);
}

void Presence::Heard(const std::string& device_id) {
  StoredDevice* device = state_.MutableDevice(device_id);
  if (device == nullptr) {
    return;
  }
  heard_[device_id] = clock_.Monotonic();
  const google::protobuf::Timestamp now = ToProto(clock_.Now());
  // The row has the hour: what did not change there is not written, however often it beats.
  if (HourOf(device->record.last_seen_at()) != HourOf(now)) {
    unwritten_.insert(device_id);
  }
  *device->record.mutable_last_seen_at() = now;
  if (device->record.liveness() != v1::LIVENESS_ONLINE) {
    SetLiveness(device_id, v1::LIVENESS_ONLINE);
  }
}

void Presence::Left(const std::string& device_id) {
  StoredDevice* device = state_.MutableDevice(device_id);
  if (device == nullptr) {
    return;
  }
  auto* seen = device->record.mutable_last_seen_at();
  seen->set_seconds(seen->seconds() - seen->seconds() % kSecondsPerHour);
  seen->set_nanos(0);  // as the row has it
}

void Presence::ConditionChanged(const std::string& device_id) {
  unwritten_.insert(device_id);
  if (!flush_soon_) {
    flush_soon_ = true;
    loop_.PostAfter(kConditionFlush, [this] { FlushSoon(); });
  }
}

void Presence::FlushSoon() {
  if (NewestWait()) {
    loop_.PostAfter(kConditionFlush, [this] { FlushSoon(); });
  } else {
    Flush(nullptr);
  }
}

void Presence::Flush(FleetLedger::Done done) {
  flush_soon_ = false;
  const std::vector<std::string> ids(unwritten_.begin(), unwritten_.end());
  unwritten_.clear();
  ledger_.WriteBehind(ids, std::move(done));
}

Duration Presence::Silence(const v1::Device& device) const {
  const auto heard = heard_.find(device.id());
  return heard != heard_.end() ? clock_.Monotonic() - heard->second
                               : clock_.Now() - FromProto(device.last_seen_at());
}

Duration Presence::Expected(const v1::Device& device) {
  const OpenSession* session = sessions_.Find(device.id());
  const Duration told = session == nullptr ? interval_ : session->told_heartbeat;
  return std::max({interval_, told, SessionCycleOf(device).value_or(absl::ZeroDuration())});
}

void Presence::ForgiveOwnDelays() {
  const Duration now = clock_.Monotonic();
  const Duration slept = swept_.has_value()
                             ? OwnSleep(now - *swept_, SweepPeriod(interval_), interval_)
                             : absl::ZeroDuration();
  swept_ = now;
  for (auto& [id, heard] : heard_) {
    const OpenSession* session = sessions_.Find(id);
    const bool waits_for_us =
        session != nullptr && (session->stage == SessionStage::kHello || !reads_.open());
    heard = waits_for_us ? now : std::min(now, heard + slept);
  }
  if (slept > absl::ZeroDuration()) {
    LogWarning("fleet.loop_stood_still", {{"for", DurationText(slept)}});
  }
}

void Presence::Sweep() {
  ForgiveOwnDelays();
  std::vector<std::pair<std::string, v1::Liveness>> moved;
  for (const auto& [id, device] : state_.devices()) {
    if (!device.record.has_last_seen_at()) {
      continue;
    }
    const v1::Liveness liveness = LivenessOf(Silence(device.record), Expected(device.record));
    if (liveness != device.record.liveness()) {
      moved.emplace_back(id, liveness);
    }
  }
  for (const auto& [id, liveness] : moved) {
    SetLiveness(id, liveness);
    if (liveness == v1::LIVENESS_OFFLINE) {
      // A stream that says nothing for ten intervals leads to nobody.
      sessions_.Close(id, Unavailable("no heartbeat"));
    }
  }
  loop_.PostAfter(SweepPeriod(interval_), [this] { Sweep(); });
}

void Presence::SetLiveness(const std::string& device_id, v1::Liveness liveness) {
  StoredDevice* device = state_.MutableDevice(device_id);
  device->record.set_liveness(liveness);
  rollout::RolloutChange moved = book_.OnDevice(device_id, clock_.Now());
  if (moved.empty()) {
    unwritten_.insert(device_id);
    ledger_.Announce(DeviceChanged{device_id, device->record.liveness()});
    return;
  }
  FleetChange change;
  change.devices.push_back(*device);
  ledger_.Record(std::move(change), std::move(moved), nullptr);
}

}  // namespace flotilla::controller
