#include "controller/fleet/session_registry.h"

#include <utility>

namespace flotilla::controller {

OpenSession* SessionRegistry::Find(const std::string& device_id) {
  const auto found = sessions_.find(device_id);
  return found == sessions_.end() ? nullptr : &found->second;
}

OpenSession* SessionRegistry::Find(const std::string& device_id, const DeviceSession* session) {
  OpenSession* found = Find(device_id);
  return found != nullptr && found->session.get() == session ? found : nullptr;
}

OpenSession& SessionRegistry::Put(const std::string& device_id, OpenSession session) {
  return sessions_[device_id] = std::move(session);
}

void SessionRegistry::Remove(const std::string& device_id) {
  sessions_.erase(device_id);
}

void SessionRegistry::Close(const std::string& device_id, const Status& status) {
  if (OpenSession* open = Find(device_id); open != nullptr) {
    open->session->Close(status);
    Remove(device_id);
  }
}

void SessionRegistry::CloseSerial(const std::string& serial_hex, const Status& status) {
  std::erase_if(sessions_, [&](const auto& entry) {
    if (entry.second.serial_hex != serial_hex) {
      return false;
    }
    entry.second.session->Close(status);
    return true;
  });
}

bool SessionRegistry::IsWelcomed(const std::string& device_id) const {
  const auto found = sessions_.find(device_id);
  return found != sessions_.end() && found->second.stage == SessionStage::kWelcomed;
}

void SessionRegistry::SendDesired(const std::string& device_id, const DesiredFrame& desired) {
  OpenSession* open = Find(device_id);
  if (open != nullptr && open->stage == SessionStage::kWelcomed &&
      open->sent_generation < desired.generation) {
    open->sent_generation = desired.generation;
    open->session->SendDesired(desired);
  }
}

void SessionRegistry::TellAll(const v1::Drain& drain) {
  for (const auto& [id, open] : sessions_) {
    open.session->SendDrain(drain);
  }
}

std::size_t SessionRegistry::CloseSome(std::size_t most, const Status& status) {
  std::size_t closed = 0;
  for (auto next = sessions_.begin(); next != sessions_.end() && closed < most; ++closed) {
    next->second.session->Close(status);
    next = sessions_.erase(next);
  }
  return closed;
}

}  // namespace flotilla::controller
