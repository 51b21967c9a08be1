#include "telemetry/aggregator/device_registry.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/file.h"

namespace flotilla::telemetry {
namespace {

constexpr unsigned kReadable = 0644;  // public keys
constexpr std::size_t kLeastIdDigits = 8;
constexpr std::string_view kHead =
    "# Reporting keys of the devices that this aggregator counts: base64 of the public key, "
    "label.\n"
    "# Kept by 'flotilla-aggregator device add|remove'.\n";

bool Names(const DeviceKey& device, const std::string& name) {
  if (!device.label.empty() && device.label == name) return true;
  return name.size() >= kLeastIdDigits && device.Id().ToHex().starts_with(name);
}

}  // namespace

StatusOr<std::string> DeviceListEditor::Text() const {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file_, kMaxDevicesFileBytes));
  return ToText(bytes);
}

StatusOr<std::vector<DeviceKey>> DeviceListEditor::List() const {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, Text());
  auto devices = ParseDeviceLines(text);
  if (!devices.ok()) return Annotate(devices.status(), file_.string());
  return devices;
}

StatusOr<bool> DeviceListEditor::Create() {
  const StatusOr<std::uint64_t> size = FileSize(file_);
  if (size.ok()) return false;
  if (size.status().code() != StatusCode::kNotFound) return size.status();
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs_, file_, AsBytes(kHead), kReadable));
  return true;
}

StatusOr<std::size_t> DeviceListEditor::Add(const std::vector<DeviceKey>& devices) {
  FLOTILLA_RETURN_IF_ERROR(Create().status());
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<DeviceKey> before, List());
  FLOTILLA_ASSIGN_OR_RETURN(std::string text, Text());
  std::set<dap::KeyId> known;
  for (const DeviceKey& device : before) known.insert(device.Id());
  if (!text.empty() && text.back() != '\n') text += '\n';
  std::size_t added = 0;
  for (const DeviceKey& device : devices) {
    if (!known.insert(device.Id()).second) continue;
    absl::StrAppend(&text, device.Line(), "\n");
    ++added;
  }
  if (added > 0) FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs_, file_, AsBytes(text), kReadable));
  return added;
}

StatusOr<DeviceKey> DeviceListEditor::Remove(const std::string& name) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<DeviceKey> before, List());
  const auto named = [&name](const DeviceKey& device) { return Names(device, name); };
  std::set<dap::KeyId> matches;
  for (const DeviceKey& device : before) {
    if (named(device)) matches.insert(device.Id());
  }
  if (matches.empty()) return NotFound(absl::StrCat("no device is called ", name));
  if (matches.size() > 1) {
    return FailedPrecondition(absl::StrCat(matches.size(), " devices are called ", name));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, Text());
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1);
    const std::string_view line = std::string_view(text).substr(at, end + 1 - at);
    at = end + 1;
    const std::string_view content = line.substr(0, line.size() - (line.ends_with('\n') ? 1 : 0));
    const bool goes = !IsRemark(content) && ParseDeviceLine(content)->Id() == *matches.begin();
    if (!goes) absl::StrAppend(&kept, std::string(line));
  }
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs_, file_, AsBytes(kept), kReadable));
  return *std::find_if(before.begin(), before.end(), named);
}

StatusOr<DeviceRegistry::Stamp> DeviceRegistry::Look() const {
  struct stat info {};
  if (::stat(file_.c_str(), &info) != 0) return ErrnoStatus(errno, file_.string());
  return Stamp{.inode = info.st_ino,
               .bytes = static_cast<std::uint64_t>(info.st_size),
               .changed_s = info.st_mtim.tv_sec,
               .changed_ns = info.st_mtim.tv_nsec};
}

Status DeviceRegistry::Refresh() {
  FLOTILLA_ASSIGN_OR_RETURN(const Stamp now, Look());
  if (now == read_) return OkStatus();
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file_, kMaxDevicesFileBytes));
  auto devices = ParseDeviceLines(AsText(bytes));
  if (!devices.ok()) return Annotate(devices.status(), file_.string());
  devices_.clear();
  for (DeviceKey& device : *devices) {
    const dap::KeyId id = device.Id();
    devices_.emplace(id, std::move(device));
  }
  read_ = now;
  return OkStatus();
}

StatusOr<security::PublicKey> DeviceRegistry::Find(const dap::KeyId& key) const {
  const auto found = devices_.find(key);
  if (found == devices_.end()) return NotFound("no such reporting key");
  return found->second.Key();
}

}  // namespace flotilla::telemetry
