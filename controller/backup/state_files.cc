#include "controller/backup/state_files.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/digest.h"

namespace flotilla::controller {
namespace {

StateSecrecy SecrecyOf(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  return extension == ".crt" || extension == ".pub" ? StateSecrecy::kPublic : StateSecrecy::kSecret;
}

// Regular files below `folder`, relative to `top`.
Status AddFolder(const std::filesystem::path& top, const std::filesystem::path& folder,
                 std::vector<StateFile>& files) {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entries(top / folder, error);
  if (error == std::errc::no_such_file_or_directory) {
    return OkStatus();
  }
  for (const auto end = std::filesystem::recursive_directory_iterator(); !error && entries != end;
       entries.increment(error)) {
    const bool regular = entries->is_regular_file(error);
    if (!error && regular && entries->path().extension() != ".tmp") {
      files.push_back(
          {entries->path().lexically_relative(top).string(), SecrecyOf(entries->path())});
    }
  }
  return error ? ErrnoStatus(error.value(), (top / folder).string()) : OkStatus();
}

}  // namespace

StatusOr<std::vector<StateFile>> ListStateFiles(const std::filesystem::path& state_dir) {
  std::vector<StateFile> files;
  for (const char* const folder : {"ca", "online-keys", "operator", "tls"}) {
    FLOTILLA_RETURN_IF_ERROR(AddFolder(state_dir, folder, files));
  }
  std::sort(files.begin(), files.end(),
            [](const StateFile& a, const StateFile& b) { return a.path < b.path; });
  return files;
}

StatusOr<std::vector<std::string>> ListBlobs(const std::filesystem::path& blobs) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entries(blobs, error);
  if (error == std::errc::no_such_file_or_directory) {
    return names;
  }
  for (const auto end = std::filesystem::directory_iterator(); !error && entries != end;
       entries.increment(error)) {
    std::string name = entries->path().filename().string();
    if (Digest::FromHex(name).ok()) {
      names.push_back(std::move(name));
    }
  }
  if (error) {
    return ErrnoStatus(error.value(), blobs.string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace flotilla::controller
