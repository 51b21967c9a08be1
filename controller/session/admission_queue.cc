#include "controller/session/admission_queue.h"

#include <algorithm>
#include <utility>

namespace flotilla::controller {
namespace {

constexpr std::uint64_t kProcessBytes = 300ULL * 1000 * 1000;
constexpr std::uint64_t kSessionBytes = 150ULL * 1000;
constexpr std::size_t kLeastSessions = 100;
constexpr std::size_t kHandshakesPerCore = 32;
// A bucket is full again after a second: who was quiet for so long needs no entry.
constexpr Duration kSourceIdle = absl::Seconds(5);

}  // namespace

std::size_t SessionsThatFit(std::uint64_t memory_bytes) {
  const std::uint64_t left = memory_bytes > kProcessBytes ? memory_bytes - kProcessBytes : 0;
  return std::max<std::size_t>(kLeastSessions, left / kSessionBytes);
}

AdmissionOptions ForMachine(AdmissionOptions options, unsigned cores, std::uint64_t memory_bytes) {
  if (options.handshakes_at_once == 0) {
    options.handshakes_at_once = kHandshakesPerCore * cores;
  }
  if (options.max_sessions == 0) {
    options.max_sessions = SessionsThatFit(memory_bytes);
  }
  return options;
}

AdmissionQueue::Arrival AdmissionQueue::Arrive(Ticket ticket, const std::string& source,
                                               const std::string& peer, Duration now) {
  ++counts_.arrived;
  if (!UnderSourceRate(source, now)) {
    ++counts_.over_source_rate;
    return Arrival::kOverSourceRate;
  }
  if (sessions_ + begun_.size() + waiting_.size() >= options_.max_sessions) {
    ++counts_.over_session_cap;
    return Arrival::kOverSessionCap;
  }
  waiting_.push_back({ticket, peer, now});
  return Arrival::kQueued;
}

bool AdmissionQueue::UnderSourceRate(const std::string& source, Duration now) {
  const double rate = options_.per_source_per_second;
  if (rate <= 0) {
    return true;
  }
  ForgetIdleSources(now);
  auto& known = sources_.try_emplace(source, Source{TokenBucket(rate, rate), now}).first->second;
  known.last = now;
  return known.bucket.TryTake(now, 1);
}

void AdmissionQueue::ForgetIdleSources(Duration now) {
  if (now - sources_swept_ < kSourceIdle) {
    return;
  }
  sources_swept_ = now;
  std::erase_if(sources_, [&](const auto& entry) { return now - entry.second.last > kSourceIdle; });
}

void AdmissionQueue::EndTimedOut(Duration now) {
  while (!begun_order_.empty()) {
    const Begun& oldest = begun_order_.front();
    const auto found = begun_.find(oldest.peer);
    const bool under_way = found != begun_.end() && found->second == oldest.until;
    if (under_way && oldest.until > now) {
      return;
    }
    if (under_way) {
      begun_.erase(found);
      ++counts_.timed_out;
    }
    begun_order_.pop_front();
  }
}

AdmissionQueue::Turn AdmissionQueue::Next(Duration now) {
  Turn turn;
  EndTimedOut(now);
  while (!waiting_.empty() && now - waiting_.front().since >= options_.shed_after) {
    turn.shed.push_back(waiting_.front().ticket);
    waiting_.pop_front();
    ++counts_.shed;
  }
  while (!waiting_.empty() && begun_.size() < options_.handshakes_at_once) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    const Duration until = now + options_.handshake_limit;
    begun_[next.peer] = until;
    begun_order_.push_back({std::move(next.peer), until});
    turn.begin.push_back(next.ticket);
    ++counts_.begun;
  }
  return turn;
}

std::vector<AdmissionQueue::Ticket> AdmissionQueue::Abandon() {
  std::vector<Ticket> tickets;
  for (const Waiting& waiting : waiting_) {
    tickets.push_back(waiting.ticket);
  }
  waiting_.clear();
  return tickets;
}

void AdmissionQueue::OnOpened(const std::string& peer) {
  begun_.erase(peer);
}

std::optional<Duration> AdmissionQueue::next_due() const {
  std::optional<Duration> due;
  if (!waiting_.empty()) {
    due = waiting_.front().since + options_.shed_after;
    if (!begun_order_.empty()) {
      due = std::min(*due, begun_order_.front().until);
    }
  }
  return due;
}

}  // namespace flotilla::controller
