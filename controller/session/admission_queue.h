#ifndef FLOTILLA_CONTROLLER_SESSION_ADMISSION_QUEUE_H_
#define FLOTILLA_CONTROLLER_SESSION_ADMISSION_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "base/token_bucket.h"

namespace flotilla::controller {

struct AdmissionOptions {
  // Handshakes under way at once. 0: 32 for each core.
  std::size_t handshakes_at_once = 0;
  // A handshake counts as over when its session opens, and at the latest after this.
  Duration handshake_limit = absl::Seconds(20);
  // Who waited so long is closed before TLS: his own timeout is near, and he comes back later.
  Duration shed_after = absl::Seconds(8);
  // New connections a second from one address, and as many at once. 0: no limit.
  double per_source_per_second = 64;
  // Sessions and handshakes together. 0: by the machine's memory.
  std::size_t max_sessions = 0;
};

// Fills in what is zero. `cores` at least 1.
AdmissionOptions ForMachine(AdmissionOptions options, unsigned cores, std::uint64_t memory_bytes);

// Memory left after 300 MB for the process, in sessions of 150 KB (docs/capacity.md).
std::size_t SessionsThatFit(std::uint64_t memory_bytes);

// Which connections may begin their TLS handshake, and when: those that came first, so many at a
// time. Without it a storm of reconnects collapses: everybody's handshake becomes too slow for his
// timeout, and the work is thrown away. Pure: `now` is monotonic. One thread.
class AdmissionQueue {
 public:
  // Names a connection that waits; the caller's, never interpreted.
  using Ticket = int;
  enum class Arrival {
    kUnspecified = 0,
    kQueued,
    kOverSourceRate,  // to be closed
    kOverSessionCap,  // to be closed
  };
  // What is to be done now.
  struct Turn {
    std::vector<Ticket> begin;  // handshakes to begin, oldest first
    std::vector<Ticket> shed;   // to be closed
  };
  struct Counts {
    std::uint64_t arrived = 0;
    std::uint64_t begun = 0;
    std::uint64_t shed = 0;
    std::uint64_t over_source_rate = 0;
    std::uint64_t over_session_cap = 0;
    std::uint64_t timed_out = 0;  // handshakes whose session never opened
  };

  // Options without zeros.
  explicit AdmissionQueue(const AdmissionOptions& options) : options_(options) {}

  // A connection came from address `source`; `peer` (address and port) will name it to OnOpened.
  Arrival Arrive(Ticket ticket, const std::string& source, const std::string& peer, Duration now);
  Turn Next(Duration now);
  // The session of this peer opened, or ended before it did. Unknown peers are ignored.
  void OnOpened(const std::string& peer);
  bool IsUnderWay(const std::string& peer) const { return begun_.contains(peer); }
  void OnSessionOpened() { ++sessions_; }
  void OnSessionEnded() { sessions_ -= sessions_ > 0 ? 1 : 0; }

  // Everybody who waits, to be closed; nobody waits then.
  std::vector<Ticket> Abandon();

  // When Next has something to do without another event; nothing: never.
  std::optional<Duration> next_due() const;
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t handshakes() const { return begun_.size(); }
  std::size_t sessions() const { return sessions_; }
  const Counts& counts() const { return counts_; }

 private:
  struct Waiting {
    Ticket ticket = -1;
    std::string peer;
    Duration since;
  };
  struct Begun {
    std::string peer;
    Duration until;
  };

  bool UnderSourceRate(const std::string& source, Duration now);
  void ForgetIdleSources(Duration now);
  void EndTimedOut(Duration now);

  AdmissionOptions options_;
  std::deque<Waiting> waiting_;
  std::unordered_map<std::string, Duration> begun_;  // peer, when it is given up
  std::deque<Begun> begun_order_;
  struct Source {
    TokenBucket bucket;
    Duration last;
  };
  std::unordered_map<std::string, Source> sources_;
  Duration sources_swept_;
  std::size_t sessions_ = 0;
  Counts counts_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_ADMISSION_QUEUE_H_
