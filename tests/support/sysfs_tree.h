#ifndef FLOTILLA_TESTS_SUPPORT_SYSFS_TREE_H_
#define FLOTILLA_TESTS_SUPPORT_SYSFS_TREE_H_

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_dir.h"

namespace flotilla {

// A folder with files as Linux writes them: a value and a newline.
class SysfsTree {
 public:
  void Write(const std::string& file, const std::string& value) { WriteRaw(file, value + "\n"); }
  void WriteRaw(const std::string& file, const std::string& text) {
    const std::filesystem::path path = root() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  }
  void Remove(const std::string& file) { std::filesystem::remove_all(root() / file); }
  const std::filesystem::path& root() const { return dir_.path(); }

 private:
  TempDir dir_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_SYSFS_TREE_H_
