#include "fleetctl/audit/head_notes.h"

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/file.h"
#include "base/os_durable_fs.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::uint64_t kMaxBytes = 256;
constexpr char kFolder[] = "audit-heads";

}  // namespace

StatusOr<std::optional<security::AuditHead>> HeadNotes::Find(const std::string& context) const {
  const std::filesystem::path file = folder_ / kFolder / context;
  const auto bytes = ReadFile(file, kMaxBytes);
  if (bytes.status().code() == StatusCode::kNotFound) {
    return std::optional<security::AuditHead>();
  }
  FLOTILLA_RETURN_IF_ERROR(bytes.status());
  const std::string text = ToText(*bytes);
  const auto head = security::AuditHead::Parse(text.substr(0, text.find('\n')));
  if (!head.ok()) {
    return InvalidArgument(file.string() + " does not hold a noted head of the audit log: " +
                           MessageOf(head.status()));
  }
  return std::optional<security::AuditHead>(*head);
}

Status HeadNotes::Put(const std::string& context, const security::AuditHead& head) const {
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, folder_ / kFolder));
  return DurableWrite(fs, folder_ / kFolder / context, AsBytes(head.Text() + "\n"));
}

}  // namespace flotilla::fleetctl
