#ifndef FLOTILLA_FLEETCTL_AUDIT_HEAD_NOTES_H_
#define FLOTILLA_FLEETCTL_AUDIT_HEAD_NOTES_H_

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "base/status.h"
#include "security/audit/audit_chain.h"

namespace flotilla::fleetctl {

// The newest head of each fleet's audit log that this machine found sound:
// <folder>/audit-heads/<context>, one line SEQ:HASH.
class HeadNotes {
 public:
  explicit HeadNotes(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Absent when there is none. INVALID_ARGUMENT: the file is damaged; it is not passed over.
  StatusOr<std::optional<security::AuditHead>> Find(const std::string& context) const;
  Status Put(const std::string& context, const security::AuditHead& head) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_AUDIT_HEAD_NOTES_H_
