// The owner's list of devices: the file that `flotilla-aggregator device` keeps.
#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_DEVICE_REGISTRY_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_DEVICE_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/durable_fs.h"
#include "base/status.h"
#include "telemetry/aggregator/device_keys.h"
#include "telemetry/dap/aggregator_store.h"

namespace flotilla::telemetry {

// More than a million devices.
inline constexpr std::uint64_t kMaxDevicesFileBytes = std::uint64_t{256} << 20U;

// Edits the file; what people wrote beside the keys stays. Each write replaces the whole file, so
// that an aggregator that reads it meanwhile sees the old list or the new one. Blocking. Errors
// beside those named: INVALID_ARGUMENT a line of the file is no device; else as of files.
class DeviceListEditor {
 public:
  // References outlive it.
  DeviceListEditor(std::filesystem::path file, DurableFs& fs) : file_(std::move(file)), fs_(fs) {}

  // How many were new; a key that is there keeps its label.
  StatusOr<std::size_t> Add(const std::vector<DeviceKey>& devices);
  // `name`: a label, or at least 8 digits that a key's id begins with. NOT_FOUND: none;
  // FAILED_PRECONDITION: more than one.
  StatusOr<DeviceKey> Remove(const std::string& name);
  // In the order of the file.
  StatusOr<std::vector<DeviceKey>> List() const;
  // Makes an empty list when there is none. True: it did.
  StatusOr<bool> Create();

 private:
  StatusOr<std::string> Text() const;

  const std::filesystem::path file_;
  DurableFs& fs_;
};

// The list as an aggregator sees it. One thread at a time.
class DeviceRegistry final : public dap::ReportingKeys {
 public:
  explicit DeviceRegistry(std::filesystem::path file) : file_(std::move(file)) {}

  // Reads the file again if it changed. Any error: the list is not what it was, or not to be had,
  // and nothing should be judged by it now: a report that is refused is refused for good.
  Status Refresh();

  StatusOr<security::PublicKey> Find(const dap::KeyId& key) const override;
  // Distinct keys.
  std::size_t size() const { return devices_.size(); }

 private:
  // What tells one state of a file from another.
  struct Stamp {
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t changed_s = 0;
    std::int64_t changed_ns = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  StatusOr<Stamp> Look() const;

  const std::filesystem::path file_;
  Stamp read_;
  std::map<dap::KeyId, DeviceKey> devices_;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_DEVICE_REGISTRY_H_
