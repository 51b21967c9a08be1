#include "tests/bench/system/store/store_load.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <semaphore>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/executor.h"
#include "controller/storage/persister.h"

namespace flotilla::controller {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Runs what is posted at once, on the thread that posts.
class DirectExecutor final : public Executor {
 public:
  void Post(Task task) override { task(); }
  TimerId PostAfter(Duration /*delay*/, Task /*task*/) override { return {}; }
  void Cancel(TimerId /*timer*/) override {}
};

template <typename Work>
StatusOr<LoadResult> Measured(std::size_t count, Work work) {
  const double bytes = DiskBytes();
  const auto start = SteadyClock::now();
  FLOTILLA_RETURN_IF_ERROR(work());
  const std::chrono::duration<double> took = SteadyClock::now() - start;
  const auto reports = static_cast<double>(count);
  return LoadResult{reports / took.count(), (DiskBytes() - bytes) / reports};
}

}  // namespace

double DiskBytes() {
  std::ifstream file("/proc/self/io");
  std::string name;
  double value = 0;
  while (file >> name >> value) {
    if (name == "write_bytes:") {
      return value;
    }
  }
  return 0;
}

StoredDevice ReportSource::DeviceRow(std::size_t index, std::uint64_t seq) const {
  StoredDevice row;
  row.record.set_id(absl::StrCat("device-", index));
  row.record.set_agent_version("1.0.0");
  row.boot_epoch = 7;
  row.report_seq = seq;
  return row;
}

FleetChange ReportSource::Next() {
  const std::size_t index = made_ % devices_;
  const std::uint64_t seq = made_ / devices_ + 1;
  ++made_;
  FleetChange change;
  StoredDevice& device = change.devices.emplace_back(DeviceRow(index, seq));
  StoredReport& report = change.reports.emplace_back();
  report.device_id = device.record.id();
  report.report.set_boot_epoch(7);
  report.report.set_seq(seq);
  report.report.set_variant(std::string(payload_bytes_, static_cast<char>('a' + made_ % 26)));
  report.received_at = FromUnixMillis(1'700'000'000'000 + static_cast<std::int64_t>(made_));
  *device.record.mutable_last_report() = report.report;
  return change;
}

FleetChange ReportSource::AllDevices() const {
  FleetChange change;
  for (std::size_t i = 0; i < devices_; ++i) {
    change.devices.push_back(DeviceRow(i, 0));
    change.devices.back().record.mutable_last_report()->set_variant(
        std::string(payload_bytes_, 'x'));
  }
  return change;
}

StatusOr<LoadResult> OneByOne(FleetStore& store, ReportSource& source, std::size_t count) {
  return Measured(count, [&]() -> Status {
    for (std::size_t i = 0; i < count; ++i) {
      FLOTILLA_RETURN_IF_ERROR(store.Commit(source.Next()));
    }
    return OkStatus();
  });
}

StatusOr<LoadResult> Grouped(FleetStore& store, ReportSource& source, std::size_t count,
                             std::size_t outstanding, const std::function<void()>& committed) {
  return Measured(count, [&]() -> Status {
    std::counting_semaphore<> room(static_cast<std::ptrdiff_t>(outstanding));
    std::atomic<bool> failed = false;
    DirectExecutor loop;
    {
      Persister persister(store, loop, {});
      for (std::size_t i = 0; i < count; ++i) {
        room.acquire();
        persister.Commit(source.Next(), [&](const Status& status) {
          failed = failed || !status.ok();
          if (committed) {
            committed();
          }
          room.release();
        });
      }
    }
    return failed ? Internal("a commit failed") : OkStatus();
  });
}

}  // namespace flotilla::controller
