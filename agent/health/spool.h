#ifndef FLOTILLA_AGENT_HEALTH_SPOOL_H_
#define FLOTILLA_AGENT_HEALTH_SPOOL_H_

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agent/health/spool_entry.h"
#include "base/durable_fs.h"
#include "base/status.h"

namespace flotilla::agent {

// Sealed reports until they are sent: one file each, named by its task and window. It may drop:
// what is damaged, or over when the device comes back, is gone. Blocking. One thread, one process.
// Crash: after a power cut at any call the report of Put is there whole or not at all, and those
// before it are there; one that was removed may be there again, and is sent once more as it was,
// which counts once.
class Spool {
 public:
  static constexpr std::size_t kMaxReports = 256;

  // Makes the folder; removes what is no report. A file that cannot be removed is left.
  static StatusOr<Spool> Open(DurableFs& fs, std::filesystem::path folder);

  // Durable when it returns OK. ALREADY_EXISTS: that task and window have a report here.
  // RESOURCE_EXHAUSTED: kMaxReports wait, or the disk is full; else as of the disk.
  Status Put(const SpoolEntry& entry);
  // NOT_FOUND: no such report. Otherwise it is forgotten, even when the disk refuses.
  Status Remove(const dp::ChargeId& id);
  // By task and window.
  const std::map<dp::ChargeId, SpoolEntry>& entries() const { return entries_; }

 private:
  Spool(DurableFs& fs, std::filesystem::path folder) : fs_(&fs), folder_(std::move(folder)) {}
  std::filesystem::path PathOf(const dp::ChargeId& id) const;
  void TakeUp(const std::filesystem::path& file);

  DurableFs* fs_;
  std::filesystem::path folder_;
  std::map<dp::ChargeId, SpoolEntry> entries_;
};

// For the person: what lies in the folder, read only, whoever writes there.
std::vector<SpoolEntry> ReadSpool(const std::filesystem::path& folder);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_SPOOL_H_
