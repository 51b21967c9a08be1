#include "controller/session/admission_gate.h"

#include <algorithm>
#include <utility>

namespace flotilla::controller {

void AdmissionGate::SetWake(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
}

AdmissionQueue::Arrival AdmissionGate::Arrive(AdmissionQueue::Ticket ticket,
                                              const std::string& source, const std::string& peer) {
  const std::scoped_lock lock(mutex_);
  return queue_.Arrive(ticket, source, peer, clock_.Monotonic());
}

AdmissionQueue::Turn AdmissionGate::Next() {
  const std::scoped_lock lock(mutex_);
  return queue_.Next(clock_.Monotonic());
}

std::vector<AdmissionQueue::Ticket> AdmissionGate::Abandon() {
  const std::scoped_lock lock(mutex_);
  return queue_.Abandon();
}

Duration AdmissionGate::UntilDue() const {
  const std::scoped_lock lock(mutex_);
  const auto due = queue_.next_due();
  return due.has_value() ? std::max(*due - clock_.Monotonic(), absl::ZeroDuration())
                         : absl::InfiniteDuration();
}

void AdmissionGate::OnSessionOpened(const std::string& peer) {
  const std::scoped_lock lock(mutex_);
  queue_.OnOpened(peer);
  queue_.OnSessionOpened();
  if (queue_.waiting() > 0 && wake_) {
    wake_();
  }
}

void AdmissionGate::OnCall(const std::string& peer) {
  const std::scoped_lock lock(mutex_);
  queue_.OnOpened(peer);
  if (queue_.waiting() > 0 && wake_) {
    wake_();
  }
}

void AdmissionGate::OnSessionEnded() {
  const std::scoped_lock lock(mutex_);
  queue_.OnSessionEnded();
}

void AdmissionGate::OnHandshakeEnded(const std::string& peer) {
  const std::scoped_lock lock(mutex_);
  queue_.OnOpened(peer);
}

bool AdmissionGate::IsUnderWay(const std::string& peer) const {
  const std::scoped_lock lock(mutex_);
  return queue_.IsUnderWay(peer);
}

AdmissionQueue::Counts AdmissionGate::counts() const {
  const std::scoped_lock lock(mutex_);
  return queue_.counts();
}

std::size_t AdmissionGate::waiting() const {
  const std::scoped_lock lock(mutex_);
  return queue_.waiting();
}

std::size_t AdmissionGate::sessions() const {
  const std::scoped_lock lock(mutex_);
  return queue_.sessions();
}

}  // namespace flotilla::controller
