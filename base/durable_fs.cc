#include "base/durable_fs.h"

#include <filesystem>
#include <memory>
#include <system_error>

namespace flotilla {
namespace {

Status WriteTemporary(DurableFs& fs, const std::filesystem::path& temporary, ByteView bytes,
                      unsigned permissions) {
  CreateOptions options;
  options.permissions = permissions;
  auto file = fs.Create(temporary, options);
  if (file.status().code() == StatusCode::kAlreadyExists) {
    FLOTILLA_RETURN_IF_ERROR(fs.Remove(temporary));
    file = fs.Create(temporary, options);
  }
  FLOTILLA_RETURN_IF_ERROR(file.status());
  FLOTILLA_RETURN_IF_ERROR((*file)->Write(0, bytes));
  return (*file)->Sync();
}

}  // namespace

Status DurableWrite(DurableFs& fs, const std::filesystem::path& path, ByteView bytes,
                    unsigned permissions) {
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  Status status = WriteTemporary(fs, temporary, bytes, permissions);
  if (status.ok()) {
    status = fs.Rename(temporary, path);
  }
  if (!status.ok()) {
    fs.Remove(temporary).IgnoreError();
    return Annotate(status, "writing " + path.string());
  }
  return fs.SyncDir(path.parent_path());
}

Status DurableMakeDirs(DurableFs& fs, const std::filesystem::path& path) {
  std::error_code error;
  if (path.empty() || std::filesystem::is_directory(path, error)) {
    return OkStatus();
  }
  const std::filesystem::path parent = path.parent_path();
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, parent));
  FLOTILLA_RETURN_IF_ERROR(fs.MakeDir(path));
  return fs.SyncDir(parent.empty() ? std::filesystem::path(".") : parent);
}

Status DurableRemove(DurableFs& fs, const std::filesystem::path& path) {
  const Status removed = fs.Remove(path);
  if (removed.code() == StatusCode::kNotFound) {
    return OkStatus();
  }
  FLOTILLA_RETURN_IF_ERROR(removed);
  return fs.SyncDir(path.parent_path());
}

}  // namespace flotilla
