#ifndef FLOTILLA_TESTS_SUPPORT_TEMP_DIR_H_
#define FLOTILLA_TESTS_SUPPORT_TEMP_DIR_H_

#include <filesystem>

namespace flotilla {

// A fresh folder, removed with all its content by the destructor.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_TEMP_DIR_H_
