#include "ota/steps/verify_artifact.h"

#include <cerrno>
#include <cstdio>

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/file.h"
#include "engine/gguf/gguf_reader.h"
#include "ota/storage_reason.h"
#include "security/tuf/target_verifier.h"

namespace flotilla::ota {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1024} * 1024;

using FilePtr = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

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

Status CheckGguf(const std::filesystem::path& path) {
  const StatusOr<gguf::Header> header = gguf::ReadHeader(path);
  const Status status = header.ok() ? gguf::CheckForEngine(*header) : header.status();
  return WithReason(status, v1::FAILURE_REASON_INSTALL_GGUF_INVALID);
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
  return CheckGguf(path);
}

}  // namespace flotilla::ota
