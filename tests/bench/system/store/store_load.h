#ifndef FLOTILLA_TESTS_BENCH_SYSTEM_STORE_STORE_LOAD_H_
#define FLOTILLA_TESTS_BENCH_SYSTEM_STORE_STORE_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/status.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// What a device's report makes of the store, as FleetLedger writes it: the device's row, and the
// report of `payload_bytes`.
class ReportSource {
 public:
  ReportSource(std::size_t devices, std::size_t payload_bytes)
      : devices_(devices), payload_bytes_(payload_bytes) {}
  // Of the next device in turn.
  FleetChange Next();
  // As if so many had been made.
  void Skip(std::size_t count) { made_ += count; }
  // All devices once, so that what follows rewrites rows.
  FleetChange AllDevices() const;

 private:
  StoredDevice DeviceRow(std::size_t index, std::uint64_t seq) const;

  const std::size_t devices_;
  const std::size_t payload_bytes_;
  std::uint64_t made_ = 0;
};

struct LoadResult {
  double reports_per_second = 0;
  // Written by this process meanwhile, as the kernel counts it; 0 where another process writes.
  double disk_bytes_per_report = 0;
};

// What this process caused to be sent to the disk so far, as the kernel counts it.
double DiskBytes();

// `count` reports, each in a transaction of its own.
StatusOr<LoadResult> OneByOne(FleetStore& store, ReportSource& source, std::size_t count);
// `count` reports through a Persister, at most `outstanding` of them unanswered at a time.
// `committed` is called after each, on the writer's thread; null: nothing is.
StatusOr<LoadResult> Grouped(FleetStore& store, ReportSource& source, std::size_t count,
                             std::size_t outstanding, const std::function<void()>& committed);

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_BENCH_SYSTEM_STORE_STORE_LOAD_H_
