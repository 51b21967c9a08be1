// What an upload is made of, for a person who wants to see it: every byte has a name and says who
// can make something of it. Nothing is opened.
#ifndef FLOTILLA_TELEMETRY_RECORD_REPORT_BYTES_H_
#define FLOTILLA_TELEMETRY_RECORD_REPORT_BYTES_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::record {

// Why two uploads of one task and window may differ in a part.
enum class PartKind {
  kUnspecified = 0,
  kFixed,   // the same in every report of the task and window
  kRandom,  // random bytes, or sealed with a key that was made for this report
};

struct ReportPart {
  std::size_t offset = 0;
  std::size_t size = 0;
  PartKind kind = PartKind::kUnspecified;
  std::string_view name;  // "report id"
  std::string_view who;   // who can make something of it
  Bytes bytes;
};

// The parts of an upload (task id, then a Report) in order, without gap or overlap.
// INVALID_ARGUMENT: not an upload.
StatusOr<std::vector<ReportPart>> PartsOfUpload(ByteView upload);

struct UploadDifference {
  // Parts that should be the same and are not, by name; "size" when one is longer.
  std::vector<std::string_view> unexpected;
  // Random parts that are the same in both: then it is one report, sent twice.
  std::vector<std::string_view> repeated;
};

// Two reports of one task and window, whatever the devices did. Errors of PartsOfUpload.
StatusOr<UploadDifference> CompareUploads(ByteView a, ByteView b);

}  // namespace flotilla::record

#endif  // FLOTILLA_TELEMETRY_RECORD_REPORT_BYTES_H_
