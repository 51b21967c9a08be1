#include "controller/replica/session_memory.h"

#include <algorithm>
#include <utility>

#include "flotilla/v1/device.pb.h"

#include "controller/fleet/installed_lines.h"

namespace flotilla::controller {

void SessionMemory::OnDevice(const v1::SessionRequest& message) {
  if (message.has_hello()) {
    if (!hello_.has_value()) {  // a second one is refused by the leader
      hello_ = message.hello();
    }
  } else if (message.has_report()) {
    TakeReport(message.report());
  } else if (message.has_condition() && hello_.has_value()) {
    *hello_->mutable_condition() = message.condition();
  } else if (message.has_lines_changed() && hello_.has_value()) {
    *hello_->mutable_lines() = message.lines_changed().lines();
  } else if (message.has_decommission_done()) {
    decommission_done_ = message;
  }
}

// The same step as the fleet's: the next leader reads the device's row, and this Hello replaces it.
void SessionMemory::TakeReport(const v1::UpdateReport& report) {
  reports_.push_back(report);
  if (!hello_.has_value()) {
    return;
  }
  v1::Device device;
  device.mutable_lines()->Swap(hello_->mutable_lines());
  TakeReportedLine(report, device);
  device.mutable_lines()->Swap(hello_->mutable_lines());
}

void SessionMemory::Acknowledge(std::uint64_t durable_seq) {
  std::erase_if(reports_, [durable_seq](const v1::UpdateReport& report) {
    return report.seq() <= durable_seq;
  });
}

std::optional<v1::SessionResponse> SessionMemory::OnLeader(const v1::SessionResponse& message,
                                                           const ArtifactUrls& urls) {
  if (message.has_drain()) {
    return std::nullopt;
  }
  if (message.has_ack()) {
    Acknowledge(message.ack().durable_seq());
    return message;
  }
  if (!message.has_welcome()) {
    return message;
  }
  const v1::Welcome& welcome = message.welcome();
  Acknowledge(welcome.durable_seq());
  if (welcome.has_heartbeat_interval()) {
    heartbeat_interval_ = absl::Seconds(welcome.heartbeat_interval().seconds()) +
                          absl::Nanoseconds(welcome.heartbeat_interval().nanos());
  }
  const std::optional<std::uint64_t> before = std::exchange(epoch_, welcome.session_epoch());
  if (before == welcome.session_epoch()) {
    return message;
  }
  v1::SessionResponse told;
  if (before.has_value()) {
    told.mutable_ack()->set_boot_epoch(hello_.has_value() ? hello_->boot_epoch() : 0);
    told.mutable_ack()->set_durable_seq(welcome.durable_seq());
    return told;
  }
  told = message;
  told.mutable_welcome()->set_metadata_url(urls.metadata);
  told.mutable_welcome()->set_targets_url(urls.targets);
  return told;
}

std::vector<v1::SessionRequest> SessionMemory::Replay() const {
  std::vector<v1::SessionRequest> messages;
  if (!hello_.has_value()) {
    return messages;
  }
  *messages.emplace_back().mutable_hello() = *hello_;
  for (const v1::UpdateReport& report : reports_) {
    *messages.emplace_back().mutable_report() = report;
  }
  if (decommission_done_.has_value()) {
    messages.push_back(*decommission_done_);
  }
  return messages;
}

}  // namespace flotilla::controller
