#ifndef FLOTILLA_CONTROLLER_BACKUP_SEEN_VERSIONS_H_
#define FLOTILLA_CONTROLLER_BACKUP_SEEN_VERSIONS_H_

#include <cstdint>
#include <optional>

#include "flotilla/v1/session.pb.h"

#include "controller/backup/restore_mark.h"

namespace flotilla::controller {

// Versions of metadata that a device has.
struct MetadataSeen {
  std::uint64_t root = 0;
  std::uint64_t snapshot = 0;
  std::uint64_t timestamp = 0;
};

// The highest versions that the devices of a restored fleet have told. One thread.
class SeenVersions {
 public:
  explicit SeenVersions(const RestoreMark& mark);

  // What has to be passed now that this Hello came: set when it tells of a higher version than any
  // before, and not one that no honest controller can have come to (a device could else drive the
  // numbers to their end).
  std::optional<MetadataSeen> Note(const v1::Hello& hello);

  // Beyond it a device is not believed.
  std::uint64_t most() const { return most_; }

 private:
  std::uint64_t most_;
  MetadataSeen highest_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BACKUP_SEEN_VERSIONS_H_
