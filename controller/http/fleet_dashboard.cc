#include "controller/http/fleet_dashboard.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "controller/fleet/rollout_desk.h"
#include "controller/fleet/session_desk.h"
#include "controller/rollout/serving.h"

namespace flotilla::http {
namespace {

using controller::Fleet;

void KeepLeast(std::int64_t seconds, std::int64_t& least) {
  if (seconds > 0 && (least == 0 || seconds < least)) {
    least = seconds;
  }
}

void AddTrust(const v1::Device& device, FleetCounts& counts) {
  if (device.revoked()) {
    return;
  }
  const v1::Condition& condition = device.condition();
  if (const auto line = rollout::FindNotServing(device); line.has_value()) {
    ++counts.not_serving[rollout::NameOf(*line)];
  }
  counts.trust_stale += condition.metadata_stale() ? 1 : 0;
  counts.clock_untrusted += condition.clock() == v1::CLOCK_CONDITION_UNTRUSTED ? 1 : 0;
  KeepLeast(condition.metadata_issued_at().seconds(), counts.oldest_metadata);
  KeepLeast(condition.publisher_expires_at().seconds(), counts.earliest_publisher_end);
}

class Picture final : public FleetPicture {
 public:
  Picture(const Fleet& fleet, const controller::ExpiryDesk& expiry,
          const controller::HealthBoard& health)
      : fleet_(fleet), expiry_(expiry), health_(health) {}

  FleetCounts Counts() const override {
    FleetCounts counts;
    counts.sessions = fleet_.sessions().open_sessions();
    counts.waiting_for_change = fleet_.waiting_for_change();
    for (const auto& [id, stored] : fleet_.state().devices()) {
      ++counts.devices;
      ++counts.liveness[stored.record.liveness()];
      AddTrust(stored.record, counts);
      for (const v1::LineStatus& line : stored.record.lines()) {
        if (line.has_current()) {
          ++counts.installed[{line.line(), line.current().version()}];
        }
      }
    }
    return counts;
  }

  std::vector<v1::Device> Devices(const std::string& after, std::size_t limit) const override {
    std::vector<v1::Device> devices;
    const auto& all = fleet_.state().devices();
    for (auto at = all.upper_bound(after); at != all.end() && devices.size() < limit; ++at) {
      devices.push_back(at->second.record);
    }
    return devices;
  }

  std::vector<v1::Rollout> Rollouts() const override { return fleet_.rollouts().List(); }

  std::vector<v1::RolloutDevice> RolloutDevices(const std::string& id) const override {
    auto devices = fleet_.rollouts().Devices(id);
    return devices.ok() ? *std::move(devices) : std::vector<v1::RolloutDevice>();
  }

  v1::ListExpiryResponse Expiry() const override { return expiry_.Newest(); }

  v1::ListHealthResponse Health(const v1::ListHealthRequest& request) const override {
    return controller::SelectHealth(*health_.Newest(), request);
  }

 private:
  const Fleet& fleet_;
  const controller::ExpiryDesk& expiry_;
  const controller::HealthBoard& health_;
};

// One line of JSON and the event's name; small: the page reads the rest by REST.
struct EventText {
  std::string event;
  boost::json::object data;
};

EventText TextOf(const controller::DeviceChanged& changed) {
  return {"device.changed",
          {{"id", changed.device_id}, {"state", v1::Liveness_Name(changed.liveness)}}};
}
EventText TextOf(const controller::RolloutChanged& changed) {
  return {"rollout.changed",
          {{"id", changed.rollout.id()},
           {"state", v1::RolloutState_Name(changed.rollout.state())},
           {"text", changed.rollout.why()}}};
}
EventText TextOf(const controller::ReleaseChanged& changed) {
  const v1::ReleaseRef& ref = changed.release.ref();
  return {"release.changed", {{"id", ref.line() + " " + ref.version()}}};
}
EventText TextOf(const controller::ReportReceived& received) {
  const v1::UpdateReport& report = received.report.report;
  boost::json::object data = {{"id", received.report.device_id},
                              {"state", v1::DeploymentState_Name(report.state())},
                              {"version", report.release().version()}};
  if (report.reason() != v1::FAILURE_REASON_UNSPECIFIED) {
    data["text"] = v1::FailureReason_Name(report.reason());
  }
  return {"report", std::move(data)};
}
EventText TextOf(const controller::CertificateRevoked& /*revoked*/) {
  return {};
}
EventText TextOf(const controller::AuditWritten& written) {
  return {"audit",
          {{"id", written.entry.subject()},
           {"state", written.entry.action()},
           {"text", written.entry.actor()}}};
}

}  // namespace

FleetDashboard::FleetDashboard(controller::Fleet& fleet, const controller::ExpiryDesk& expiry,
                               const controller::HealthBoard& health, EventHub& events)
    : fleet_(fleet), expiry_(expiry), health_(health) {
  fleet_.Post([this, &events] {
    fleet_.AddListener([&events](const controller::FleetEvent& event) {
      if (std::holds_alternative<controller::CertificateRevoked>(event)) {
        return;
      }
      const EventText text =
          std::visit([](const auto& happened) { return TextOf(happened); }, event);
      events.Publish(text.event, boost::json::serialize(text.data));
    });
    ready_ = true;
  });
}

void FleetDashboard::Read(std::function<void(const FleetPicture&)> reader) {
  fleet_.Post([this, reader = std::move(reader)] { reader(Picture(fleet_, expiry_, health_)); });
}

void FleetDashboard::ExplainDevice(const std::string& id,
                                   std::function<void(StatusOr<v1::ExplainDeviceResponse>)> done) {
  fleet_.Post([this, id, done = std::move(done)] { fleet_.ExplainDevice(id, done); });
}

void FleetDashboard::ListAudit(std::uint64_t before_seq, std::size_t limit,
                               std::function<void(StatusOr<std::vector<v1::AuditEntry>>)> done) {
  fleet_.Post([this, before_seq, limit, done = std::move(done)] {
    fleet_.ListAudit(before_seq, limit, done);
  });
}

void FleetDashboard::CheckAudit(std::function<void(const controller::AuditCheck&)> done) {
  fleet_.Post([this, done = std::move(done)] { controller::CheckAuditLog(fleet_, done); });
}

bool FleetDashboard::Ready() const {
  return ready_;
}

}  // namespace flotilla::http
