#ifndef FLOTILLA_TESTS_SUPPORT_POWER_CUT_FS_H_
#define FLOTILLA_TESTS_SUPPORT_POWER_CUT_FS_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/durable_fs.h"

namespace flotilla {

// What is left on the disk after the cut.
enum class CutMode {
  kUnspecified = 0,
  kKill,   // the process died: everything that was called has happened
  kPower,  // the power went: bytes without a Sync of the file and names without a SyncDir are gone
  kTorn,   // as kPower, but the half of the last Write reached the disk
  kOneFailure,  // no cut: that one call fails, as a bad disk would, and changes nothing
};

// DurableFs over a real folder that stops at the n-th call (from 1; 0 for never): that call and
// every later one fail, a Write is half done. Restore then makes the folder what a reboot would
// find. One thread.
class PowerCutFs final : public DurableFs {
 public:
  PowerCutFs(std::filesystem::path root, std::uint64_t cut_at, CutMode mode);
  ~PowerCutFs() override;
  PowerCutFs(const PowerCutFs&) = delete;
  PowerCutFs& operator=(const PowerCutFs&) = delete;

  StatusOr<std::unique_ptr<DurableFile>> Create(const std::filesystem::path& path,
                                                const CreateOptions& options) override;
  Status MakeDir(const std::filesystem::path& path) override;
  Status Rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Status Remove(const std::filesystem::path& path) override;
  Status SyncDir(const std::filesystem::path& path) override;

  bool was_cut() const { return cut_; }
  std::uint64_t calls() const { return calls_; }
  // The folder as it is after the cut.
  void Restore();

 private:
  struct Node;
  class File;
  using NodePtr = std::shared_ptr<Node>;

  // False: this call is not made any more.
  bool Step();
  NodePtr Find(const std::filesystem::path& path);
  NodePtr Parent(const std::filesystem::path& path);
  NodePtr Scan(const std::filesystem::path& path);
  void Write(const NodePtr& node, const std::filesystem::path& path);

  std::filesystem::path root_;
  std::uint64_t cut_at_;
  CutMode mode_;
  std::uint64_t calls_ = 0;
  bool cut_ = false;
  NodePtr tree_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_POWER_CUT_FS_H_
