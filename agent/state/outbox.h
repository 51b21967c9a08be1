#ifndef FLOTILLA_AGENT_STATE_OUTBOX_H_
#define FLOTILLA_AGENT_STATE_OUTBOX_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "agent/state/state_db.h"
#include "base/random.h"
#include "base/status.h"

namespace flotilla::agent {

// Names one try of one release on one line: the same for every report of it. The rollout's revision
// and hold may change without a new try.
std::string AssignmentKey(const v1::Assignment& assignment);

// How far the line's last assignment came, as reported.
struct LineProgress {
  std::string key;
  v1::Assignment assignment;
  v1::DeploymentState state = v1::DEPLOYMENT_STATE_UNSPECIFIED;
};

// Reports that the controller has not acknowledged yet, and per line the last one: durable before
// Append returns. The newest kKept that it has acknowledged stay too: a controller that was
// restored from a backup has forgotten them, and is told again. The sequence rises by one per
// report for as long as the file lives; a new file is a new boot epoch. One thread: the agent's
// loop.
class Outbox {
 public:
  static constexpr std::uint64_t kKept = 64;

  // `db` must outlive the outbox. Errors as StateDb.
  static StatusOr<std::unique_ptr<Outbox>> Open(StateDb& db, Random& random);

  std::uint64_t boot_epoch() const { return boot_epoch_; }
  // The oldest and the newest report that are not acknowledged; 0 and 0 when there is none.
  std::uint64_t first_seq() const;
  std::uint64_t last_unacknowledged_seq() const;

  // Fills in boot epoch and sequence. False: the line's last report says the same state of the same
  // assignment; nothing was written.
  StatusOr<bool> Append(const v1::Assignment& assignment, v1::UpdateReport report);
  // The controller has made these durable. Numbers that were never given out are ignored.
  Status AckUpTo(std::uint64_t durable_seq);
  // The controller knows none above `durable_seq`: those that are still here count as
  // unacknowledged again. How many that are; 0 where it knows all that it has acknowledged.
  StatusOr<std::uint64_t> TakeBack(std::uint64_t durable_seq);
  // Unacknowledged reports with a higher sequence, in order, at most `limit`.
  StatusOr<std::vector<v1::UpdateReport>> After(std::uint64_t seq, std::uint64_t limit) const;
  // Absent: nothing was ever reported for the line.
  StatusOr<std::optional<LineProgress>> Progress(const std::string& line) const;

 private:
  explicit Outbox(StateDb& db) : db_(db) {}
  Status Load(Random& random);

  StateDb& db_;
  std::uint64_t boot_epoch_ = 0;
  std::uint64_t last_seq_ = 0;
  std::uint64_t acked_seq_ = 0;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_STATE_OUTBOX_H_
