#include "tests/support/power_cut_fs.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/os_durable_fs.h"

namespace flotilla {
namespace {

Status Refused(CutMode mode) {
  return mode == CutMode::kOneFailure ? DataLoss("Input/output error")
                                      : Unavailable("the power is off");
}

void PutAt(Bytes& bytes, std::uint64_t offset, ByteView piece) {
  const auto end = static_cast<std::size_t>(offset) + piece.size();
  bytes.resize(std::max(bytes.size(), end));
  std::copy(piece.begin(), piece.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

// A file or a folder as the running system sees it, and as it lies on the disk.
struct PowerCutFs::Node {
  bool folder = false;
  Bytes live;
  Bytes durable;
  std::map<std::string, NodePtr> live_names;
  std::map<std::string, NodePtr> durable_names;
};

class PowerCutFs::File final : public DurableFile {
 public:
  File(PowerCutFs& fs, NodePtr node, std::unique_ptr<DurableFile> file)
      : fs_(fs), node_(std::move(node)), file_(std::move(file)) {}

  Status Write(std::uint64_t offset, ByteView bytes) override {
    const bool first_refused = !fs_.cut_ && fs_.mode_ != CutMode::kOneFailure;
    if (!fs_.Step()) {
      if (first_refused) {
        const ByteView half = bytes.first(bytes.size() / 2);
        PutAt(node_->live, offset, half);
        if (fs_.mode_ == CutMode::kTorn) {
          PutAt(node_->durable, offset, half);
        }
        file_->Write(offset, half).IgnoreError();
      }
      return Refused(fs_.mode_);
    }
    PutAt(node_->live, offset, bytes);
    return file_->Write(offset, bytes);
  }

  Status Sync() override {
    if (!fs_.Step()) {
      return Refused(fs_.mode_);
    }
    node_->durable = node_->live;
    return OkStatus();
  }

 private:
  PowerCutFs& fs_;
  NodePtr node_;
  std::unique_ptr<DurableFile> file_;
};

PowerCutFs::PowerCutFs(std::filesystem::path root, std::uint64_t cut_at, CutMode mode)
    : root_(std::move(root)), cut_at_(cut_at), mode_(mode), tree_(Scan(root_)) {}

PowerCutFs::~PowerCutFs() = default;

bool PowerCutFs::Step() {
  ++calls_;
  if (mode_ == CutMode::kOneFailure) {
    return calls_ != cut_at_;
  }
  cut_ = cut_ || (cut_at_ != 0 && calls_ >= cut_at_);
  return !cut_;
}

PowerCutFs::NodePtr PowerCutFs::Scan(const std::filesystem::path& path) {
  auto node = std::make_shared<Node>();
  node->folder = std::filesystem::is_directory(path);
  if (node->folder) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      node->live_names[entry.path().filename().string()] = Scan(entry.path());
    }
    node->durable_names = node->live_names;
  } else {
    node->live = ReadFile(path, UINT64_MAX).value_or(Bytes());
    node->durable = node->live;
  }
  return node;
}

PowerCutFs::NodePtr PowerCutFs::Find(const std::filesystem::path& path) {
  NodePtr node = tree_;
  for (const auto& name : path.lexically_relative(root_)) {
    if (name == ".") {
      continue;
    }
    const auto it = node->live_names.find(name.string());
    if (it == node->live_names.end()) {
      return nullptr;
    }
    node = it->second;
  }
  return node;
}

PowerCutFs::NodePtr PowerCutFs::Parent(const std::filesystem::path& path) {
  return Find(path.parent_path());
}

StatusOr<std::unique_ptr<DurableFile>> PowerCutFs::Create(const std::filesystem::path& path,
                                                          const CreateOptions& options) {
  if (!Step()) {
    return Refused(mode_);
  }
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<DurableFile> file, OsDurableFs().Create(path, options));
  NodePtr& node = Parent(path)->live_names[path.filename().string()];
  if (node == nullptr) {
    node = std::make_shared<Node>();
  }
  node->live.resize(std::max<std::size_t>(node->live.size(), options.reserve_bytes));
  return std::unique_ptr<DurableFile>(std::make_unique<File>(*this, node, std::move(file)));
}

Status PowerCutFs::MakeDir(const std::filesystem::path& path) {
  if (!Step()) {
    return Refused(mode_);
  }
  FLOTILLA_RETURN_IF_ERROR(OsDurableFs().MakeDir(path));
  NodePtr& node = Parent(path)->live_names[path.filename().string()];
  if (node == nullptr) {
    node = std::make_shared<Node>();
    node->folder = true;
  }
  return OkStatus();
}

Status PowerCutFs::Rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (!Step()) {
    return Refused(mode_);
  }
  FLOTILLA_RETURN_IF_ERROR(OsDurableFs().Rename(from, to));
  const NodePtr moved = Find(from);
  Parent(from)->live_names.erase(from.filename().string());
  Parent(to)->live_names[to.filename().string()] = moved;
  return OkStatus();
}

Status PowerCutFs::Remove(const std::filesystem::path& path) {
  if (!Step()) {
    return Refused(mode_);
  }
  FLOTILLA_RETURN_IF_ERROR(OsDurableFs().Remove(path));
  Parent(path)->live_names.erase(path.filename().string());
  return OkStatus();
}

Status PowerCutFs::SyncDir(const std::filesystem::path& path) {
  if (!Step()) {
    return Refused(mode_);
  }
  const NodePtr node = Find(path);
  node->durable_names = node->live_names;
  return OkStatus();
}

void PowerCutFs::Write(const NodePtr& node, const std::filesystem::path& path) {
  if (!node->folder) {
    std::ofstream(path, std::ios::binary)
        .write(AsText(node->durable).data(), static_cast<std::streamsize>(node->durable.size()));
    return;
  }
  std::filesystem::create_directories(path);
  for (const auto& [name, child] : node->durable_names) {
    Write(child, path / name);
  }
}

void PowerCutFs::Restore() {
  if (mode_ != CutMode::kPower && mode_ != CutMode::kTorn) {
    return;
  }
  for (const auto& entry : std::filesystem::directory_iterator(root_)) {
    std::filesystem::remove_all(entry.path());
  }
  Write(tree_, root_);
}

}  // namespace flotilla
