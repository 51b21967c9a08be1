#include "controller/backup/file_transfer.h"

#include <cstddef>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/file.h"
#include "security/sha256.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kBuffer = 1U << 20U;
constexpr unsigned kPublic = 0644;

Status Unlike(const std::filesystem::path& file, const Digest& found) {
  return DataLoss(
      absl::StrCat(file.string(), " is damaged: its content has the digest ", found.ToHex()));
}

}  // namespace

StatusOr<BackupFile> CopyFileTo(DurableFs& fs, const std::filesystem::path& from,
                                const std::filesystem::path& to, unsigned permissions) {
  std::ifstream in(from, std::ios::binary);
  if (!in) {
    return NotFound(absl::StrCat("cannot read ", from.string()));
  }
  CreateOptions options;
  options.permissions = permissions;
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<DurableFile> out, fs.Create(to, options));
  security::Sha256Hasher hasher;
  Bytes buffer(kBuffer);
  BackupFile copied;
  while (in) {
    in.read(reinterpret_cast<char*>(buffer.data()), static_cast<std::streamsize>(buffer.size()));
    const ByteView bytes(buffer.data(), static_cast<std::size_t>(in.gcount()));
    hasher.Update(bytes);
    FLOTILLA_RETURN_IF_ERROR(out->Write(copied.size_bytes, bytes));
    copied.size_bytes += bytes.size();
  }
  if (in.bad() || !in.eof()) {
    return DataLoss(absl::StrCat("cannot read all of ", from.string()));
  }
  FLOTILLA_RETURN_IF_ERROR(out->Sync());
  copied.sha256 = hasher.Finish();
  return copied;
}

StatusOr<BackupFile> DescribeFile(const std::filesystem::path& file) {
  BackupFile described;
  FLOTILLA_ASSIGN_OR_RETURN(described.size_bytes, FileSize(file));
  FLOTILLA_ASSIGN_OR_RETURN(described.sha256, security::Sha256File(file));
  return described;
}

StatusOr<BackupFile> LinkOrCopyTo(DurableFs& fs, const std::filesystem::path& from,
                                  const std::filesystem::path& to, const Digest& digest) {
  std::error_code error;
  std::filesystem::create_hard_link(from, to, error);
  StatusOr<BackupFile> there = error ? CopyFileTo(fs, from, to, kPublic) : DescribeFile(to);
  if (there.ok() && there->sha256 != digest) {
    return Unlike(from, there->sha256);
  }
  return there;
}

Status SyncTree(DurableFs& fs, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entries(folder, error);
  for (const auto end = std::filesystem::recursive_directory_iterator(); !error && entries != end;
       entries.increment(error)) {
    if (entries->is_directory(error)) {
      FLOTILLA_RETURN_IF_ERROR(fs.SyncDir(entries->path()));
    }
  }
  return error ? ErrnoStatus(error.value(), folder.string()) : fs.SyncDir(folder);
}

}  // namespace flotilla::controller
