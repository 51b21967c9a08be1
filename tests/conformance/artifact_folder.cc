#include "tests/conformance/artifact_folder.h"

#include <cstdint>
#include <fstream>
#include <stop_token>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "security/sha256.h"
#include "security/tuf/target_path.h"
#include "security/tuf/target_verifier.h"

namespace flotilla::conformance {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxNameBytes = 200;

// Whether the file holds the target's bytes.
bool Holds(const std::filesystem::path& path, const tuf::TargetInfo& target) {
  const auto size = FileSize(path);
  if (!size.ok() || *size != target.length) {
    return false;
  }
  std::ifstream file(path, std::ios::binary);
  tuf::TargetVerifier verifier(target);
  std::vector<char> buffer(kBufferBytes);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
         file.gcount() > 0) {
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(file.gcount()));
    if (!verifier.Update(AsBytes(piece)).ok()) {
      return false;
    }
  }
  return verifier.Finish().ok();
}

}  // namespace

ArtifactFolder::ArtifactFolder(std::filesystem::path folder, std::filesystem::path staging,
                               DurableFs& fs)
    : folder_(std::move(folder)), staging_(std::move(staging)), fs_(fs) {}

std::filesystem::path ArtifactFolder::PathOf(const tuf::TargetInfo& target) const {
  // One segment whatever the path; '=' stands in no quoted name.
  const std::string quoted = tuf::QuoteSegment(target.path);
  return folder_ / (quoted.size() <= kMaxNameBytes
                        ? quoted
                        : "sha256=" + security::Sha256(AsBytes(target.path)).ToHex());
}

Status ArtifactFolder::Bring(const tuf::TargetInfo& target, ota::BlobFetcher& fetcher) {
  const std::filesystem::path path = PathOf(target);
  if (Holds(path, target)) {
    return OkStatus();
  }
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs_, folder_));
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs_, staging_));
  const std::filesystem::path part = staging_ / path.filename();
  FLOTILLA_RETURN_IF_ERROR(DurableRemove(fs_, part));
  Status status = Stage(target, fetcher, part);
  if (status.ok()) {
    status = fs_.Rename(part, path);
  }
  if (!status.ok()) {
    DurableRemove(fs_, part).IgnoreError();  // the next try removes it too
    return status;
  }
  return fs_.SyncDir(folder_);
}

Status ArtifactFolder::Stage(const tuf::TargetInfo& target, ota::BlobFetcher& fetcher,
                             const std::filesystem::path& part) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto file, fs_.Create(part, {}));
  tuf::TargetVerifier verifier(target);
  std::uint64_t written = 0;
  const ota::BlobSink sink = [&](ByteView bytes) {
    FLOTILLA_RETURN_IF_ERROR(verifier.Update(bytes));
    FLOTILLA_RETURN_IF_ERROR(file->Write(written, bytes));
    written += bytes.size();
    return OkStatus();
  };
  if (target.length > 0) {
    const ota::BlobRange whole{target.url_path, 0, target.length, target.length};
    FLOTILLA_RETURN_IF_ERROR(fetcher.Fetch(whole, sink, std::stop_token()));
  }
  FLOTILLA_RETURN_IF_ERROR(verifier.Finish());
  return file->Sync();
}

}  // namespace flotilla::conformance
