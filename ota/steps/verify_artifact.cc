#include "ota/steps/verify_artifact.h"

#include <cerrno>
#include <cstdio>

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/file.h"
#include "engine/gguf/adapter_check.h"
#include "engine/gguf/gguf_reader.h"
#include "ota/storage_reason.h"
#include "security/tuf/target_verifier.h"

namespace flotilla::ota {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1024} * 1024;

// Read only: closing cannot lose anything.
using FilePtr =
    std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::ignore = std::fclose(file); })>;

Status Mismatch(const tuf::TargetInfo& target, const std::string& detail) {
  return WithReason(DataLoss("not the signed bytes of " + target.path + ": " + detail),
                    v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH);
}

Status ReadThrough(const std::filesystem::path& path, const tuf::TargetInfo& target,
                   const std::stop_token& stop) {
  const FilePtr file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return WithStorageReason(ErrnoStatus(errno, path.string()));
  }
  tuf::TargetVerifier verifier(target);
  Bytes buffer(kBufferBytes);
  std::size_t count = 0;
  while ((count = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0) {
    if (stop.stop_requested()) {
      return Cancelled("the verification was stopped");
    }
    if (const Status status = verifier.Update(ByteView(buffer).first(count)); !status.ok()) {
      return Mismatch(target, MessageOf(status));
    }
  }
  if (std::ferror(file.get()) != 0) {
    return WithStorageReason(DataLoss("cannot read " + path.string()));
  }
  const Status status = verifier.Finish();
  return status.ok() ? status : Mismatch(target, MessageOf(status));
}

StatusOr<gguf::Header> HeaderOf(const PlannedFile& file, const Store& store) {
  const Digest& sha256 = file.target.sha256;
  return gguf::ReadHeader(store.Contains(sha256) ? store.PathOf(sha256, file.kind)
                                                 : store.PartPath(sha256));
}

Status Invalid(const PlannedFile& file, const Status& status) {
  if (status.code() != StatusCode::kDataLoss) {
    return WithStorageReason(status);
  }
  return WithReason(Annotate(status, file.target.path), v1::FAILURE_REASON_INSTALL_GGUF_INVALID);
}

}  // namespace

Status VerifyArtifact(const std::filesystem::path& path, const tuf::TargetInfo& target,
                      const std::optional<Digest>& streamed, const std::stop_token& stop) {
  const StatusOr<std::uint64_t> size = FileSize(path);
  if (!size.ok()) {
    return WithStorageReason(size.status());
  }
  if (*size != target.length) {
    return Mismatch(target, std::to_string(*size) + " bytes");
  }
  if (streamed.has_value() && *streamed != target.sha256) {
    return Mismatch(target, "its SHA-256 is " + streamed->ToHex());
  }
  if (!streamed.has_value() || target.sha512.has_value()) {
    FLOTILLA_RETURN_IF_ERROR(ReadThrough(path, target, stop));
  }
  return OkStatus();
}

Status CheckGgufSet(const InstallPlan& plan, const Store& store) {
  const PlannedFile& model = plan.files.front();
  const StatusOr<gguf::Header> base = HeaderOf(model, store);
  if (const Status status = base.ok() ? gguf::CheckForEngine(*base) : base.status(); !status.ok()) {
    return Invalid(model, status);
  }
  for (const PlannedFile& file : plan.files) {
    if (file.kind != BlobKind::kAdapter) {
      continue;
    }
    const StatusOr<gguf::Header> header = HeaderOf(file, store);
    const Status status = header.ok() ? gguf::CheckAdapter(*header, *base) : header.status();
    if (!status.ok()) {
      return Invalid(file, status);
    }
  }
  return OkStatus();
}

}  // namespace flotilla::ota
