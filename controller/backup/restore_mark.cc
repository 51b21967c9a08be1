#include "controller/backup/restore_mark.h"

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/file.h"
#include "controller/backup/sealed_text.h"

namespace flotilla::controller {
namespace {

constexpr std::string_view kTitle = "flotilla-restored 1";
constexpr char kDone[] = "restored";
constexpr char kAtWork[] = "restore-at-work";
constexpr std::uint64_t kMaxBytes = 64U << 10U;

}  // namespace

std::string EncodeRestoreMark(const RestoreMark& mark) {
  SealedWriter writer(kTitle);
  writer.Add("backup", std::string_view(mark.backup_id))
      .Add("taken_at", mark.taken_at)
      .Add("restored_at", mark.restored_at)
      .Add("session_epoch", mark.session_epoch)
      .Add("least_version", mark.least_version)
      .Add("readmit_until", mark.readmit_until);
  return std::move(writer).Finish();
}

StatusOr<RestoreMark> ParseRestoreMark(std::string_view text) {
  FLOTILLA_ASSIGN_OR_RETURN(SealedReader reader, SealedReader::Open(text, kTitle));
  RestoreMark mark;
  FLOTILLA_ASSIGN_OR_RETURN(mark.backup_id, reader.Text("backup"));
  FLOTILLA_ASSIGN_OR_RETURN(mark.taken_at, reader.At("taken_at"));
  FLOTILLA_ASSIGN_OR_RETURN(mark.restored_at, reader.At("restored_at"));
  FLOTILLA_ASSIGN_OR_RETURN(mark.session_epoch, reader.Number("session_epoch"));
  FLOTILLA_ASSIGN_OR_RETURN(mark.least_version, reader.Number("least_version"));
  FLOTILLA_ASSIGN_OR_RETURN(mark.readmit_until, reader.At("readmit_until"));
  FLOTILLA_RETURN_IF_ERROR(reader.AtEnd());
  return mark;
}

StatusOr<std::optional<RestoreMark>> ReadRestoreMark(const std::filesystem::path& state_dir) {
  if (FileSize(state_dir / kAtWork).ok()) {
    return FailedPrecondition(
        absl::StrCat("a restore into ", state_dir.string(),
                     " did not come to its end: empty the folder and restore again"));
  }
  const auto bytes = ReadFile(state_dir / kDone, kMaxBytes);
  if (bytes.status().code() == StatusCode::kNotFound) {
    return std::optional<RestoreMark>();
  }
  FLOTILLA_RETURN_IF_ERROR(bytes.status());
  FLOTILLA_ASSIGN_OR_RETURN(RestoreMark mark, ParseRestoreMark(AsText(*bytes)));
  return std::optional<RestoreMark>(std::move(mark));
}

Status BeginRestoreMark(DurableFs& fs, const std::filesystem::path& state_dir) {
  return DurableWrite(fs, state_dir / kAtWork, AsBytes("a restore is at work\n"));
}

Status FinishRestoreMark(DurableFs& fs, const std::filesystem::path& state_dir,
                         const RestoreMark& mark) {
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, state_dir / kDone, AsBytes(EncodeRestoreMark(mark))));
  return DurableRemove(fs, state_dir / kAtWork);
}

}  // namespace flotilla::controller
