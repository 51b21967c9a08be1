#include "telemetry/record/report_bytes.h"

#include <algorithm>
#include <span>

#include "telemetry/dap/report.h"

namespace flotilla::record {
namespace {

constexpr std::size_t kTaskIdBytes = 32;
constexpr std::string_view kAll = "everybody";
constexpr std::string_view kLeader = "the controller: one of two shares";
constexpr std::string_view kHelper = "the helper: the other share";

// The rows of docs/private-health.md, "A report"; size 0 is filled in from the report.
std::vector<ReportPart> Rows(const dap::Report& report) {
  const auto row = [](std::size_t size, PartKind kind, std::string_view name,
                      std::string_view who) {
    ReportPart part;
    part.size = size;
    part.kind = kind;
    part.name = name;
    part.who = who;
    return part;
  };
  using enum PartKind;
  return {
      row(kTaskIdBytes, kFixed, "task id", kAll),
      row(report.metadata.id.size(), kRandom, "report id", kAll),
      row(8, kFixed, "start of the window", kAll),
      row(2, kFixed, "public extensions: none", kAll),
      row(4, kFixed, "length of the public share", kAll),
      row(report.public_share.size(), kRandom, "public share", kAll),
      row(1, kFixed, "the controller's key id", kAll),
      row(2, kFixed, "length of the key share for the controller", kAll),
      row(report.leader_share.enc.size(), kRandom, "key share for the controller", kAll),
      row(4, kFixed, "length sealed for the controller", kAll),
      row(report.leader_share.payload.size(), kRandom, "sealed for the controller", kLeader),
      row(1, kFixed, "the helper's key id", kAll),
      row(2, kFixed, "length of the key share for the helper", kAll),
      row(report.helper_share.enc.size(), kRandom, "key share for the helper", kAll),
      row(4, kFixed, "length sealed for the helper", kAll),
      row(report.helper_share.payload.size(), kRandom, "sealed for the helper", kHelper),
  };
}

}  // namespace

StatusOr<std::vector<ReportPart>> PartsOfUpload(ByteView upload) {
  if (upload.size() <= kTaskIdBytes) {
    return InvalidArgument("upload: shorter than a task id and a report");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const dap::Report report,
                            dap::Report::Decode(upload.subspan(kTaskIdBytes)));
  std::vector<ReportPart> parts = Rows(report);
  std::size_t offset = 0;
  for (ReportPart& part : parts) {
    part.offset = offset;
    const ByteView bytes = upload.subspan(offset, part.size);
    part.bytes.assign(bytes.begin(), bytes.end());
    offset += part.size;
  }
  return parts;
}

StatusOr<UploadDifference> CompareUploads(ByteView a, ByteView b) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<ReportPart> first, PartsOfUpload(a));
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<ReportPart> second, PartsOfUpload(b));
  UploadDifference difference;
  if (a.size() != b.size()) {
    difference.unexpected.emplace_back("size");
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    const bool same = first[i].bytes == second[i].bytes;
    if (first[i].kind == PartKind::kFixed && !same) {
      difference.unexpected.push_back(first[i].name);
    }
    if (first[i].kind == PartKind::kRandom && same) {
      difference.repeated.push_back(first[i].name);
    }
  }
  return difference;
}

}  // namespace flotilla::record
