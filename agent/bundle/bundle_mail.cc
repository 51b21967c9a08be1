#include "agent/bundle/bundle_mail.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

#include "base/file.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{16} * 1024;

std::filesystem::path RequestPath(const std::filesystem::path& state_dir) {
  return state_dir / "bundle_request";
}

std::filesystem::path ResultPath(const std::filesystem::path& state_dir) {
  return state_dir / "bundle_result";
}

StatusOr<std::vector<std::string>> ReadLines(const std::filesystem::path& file, std::size_t lines) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, kMaxBytes));
  std::vector<std::string> found = absl::StrSplit(ToText(bytes), '\n');
  if (found.size() != lines + 1 || !found.back().empty() || found.front().empty()) {
    return DataLoss(file.string() + " does not parse");
  }
  return found;
}

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

StatusOr<BundleRequest> ReadBundleRequest(const std::filesystem::path& state_dir) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<std::string> lines,
                            ReadLines(RequestPath(state_dir), 2));
  return BundleRequest{lines[0], lines[1]};
}

StatusOr<BundleResult> ReadBundleResult(const std::filesystem::path& state_dir) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<std::string> lines,
                            ReadLines(ResultPath(state_dir), 4));
  int phase = 0;
  BundleResult result;
  if (!absl::SimpleAtoi(lines[1], &phase) || !absl::SimpleAtoi(lines[2], &result.reason) ||
      phase < static_cast<int>(BundlePhase::kRunning) ||
      phase > static_cast<int>(BundlePhase::kFailed)) {
    return DataLoss("bundle_result does not parse");
  }
  result.id = lines[0];
  result.phase = static_cast<BundlePhase>(phase);
  result.text = lines[3];
  return result;
}

Status WriteBundleRequest(DurableFs& fs, const std::filesystem::path& state_dir,
                          const BundleRequest& request) {
  if (!request.file.is_absolute() || request.file.string().find('\n') != std::string::npos) {
    return InvalidArgument("a bundle is named by its whole path, on one line");
  }
  return DurableWrite(fs, RequestPath(state_dir),
                      AsBytes(request.id + "\n" + request.file.string() + "\n"));
}

Status WriteBundleResult(DurableFs& fs, const std::filesystem::path& state_dir,
                         const BundleResult& result) {
  return DurableWrite(
      fs, ResultPath(state_dir),
      AsBytes(result.id + "\n" + std::to_string(static_cast<int>(result.phase)) + "\n" +
              std::to_string(result.reason) + "\n" + OneLine(result.text) + "\n"));
}

Status RemoveBundleRequest(DurableFs& fs, const std::filesystem::path& state_dir) {
  return DurableRemove(fs, RequestPath(state_dir));
}

Status StatusOf(const BundleResult& result) {
  if (result.phase != BundlePhase::kFailed) {
    return OkStatus();
  }
  const Status failed = FailedPrecondition(result.text);
  return result.reason == 0 ? failed : WithReasonNumber(failed, result.reason);
}

}  // namespace flotilla::agent
