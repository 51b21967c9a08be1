#ifndef FLOTILLA_AGENT_UPDATE_LINE_SET_H_
#define FLOTILLA_AGENT_UPDATE_LINE_SET_H_

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "flotilla/v1/session.pb.h"

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "ota/line_slots.h"
#include "ota/store.h"

namespace flotilla::agent {

// The slots of every line this device knows, recovered. One thread: the agent's loop; the slots
// themselves are thread-safe and stay where they are.
class LineSet {
 public:
  // Opens and recovers each folder of state_dir/lines. `store`, `fs` and `clock` must outlive it.
  static StatusOr<std::unique_ptr<LineSet>> Open(const std::filesystem::path& state_dir,
                                                 ota::Store& store, DurableFs& fs, Clock& clock);

  // The slots of `line`, made when it is new. INVALID_ARGUMENT: not an id; else as LineSlots::Open.
  StatusOr<ota::LineSlots*> Get(const std::string& line);
  // Null when the line is not known.
  ota::LineSlots* Find(const std::string& line) const;
  // By name.
  std::vector<ota::LineSlots*> All() const;
  // What recovery said when the line was opened.
  ota::RecoveryAction Recovered(const std::string& line) const;

 private:
  struct Entry {
    std::unique_ptr<ota::LineSlots> slots;
    ota::RecoveryAction recovered = ota::RecoveryAction::kUnspecified;
  };

  LineSet(std::filesystem::path state_dir, ota::Store& store, DurableFs& fs, Clock& clock);

  const std::filesystem::path state_dir_;
  ota::Store& store_;
  DurableFs& fs_;
  Clock& clock_;
  std::map<std::string, Entry> lines_;
};

// What a Hello says about a line.
v1::LineStatus StatusOf(const ota::LineSlots& slots);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_UPDATE_LINE_SET_H_
