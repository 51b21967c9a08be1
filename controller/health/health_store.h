// Port: what the leader must not forget beside its shares (telemetry/dap/aggregator_store.h): its
// tasks, the reports that are not verified yet, and what came of each window.
#ifndef FLOTILLA_CONTROLLER_HEALTH_HEALTH_STORE_H_
#define FLOTILLA_CONTROLLER_HEALTH_HEALTH_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "flotilla/v1/health.pb.h"

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/dap/domain.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::controller {

struct StoredHealthTask {
  dap::TaskId id;
  v1::HealthTask shown;  // what people are told of it
  Bytes configuration;   // an encoded dap::TaskConfiguration
  vdaf::VerifyKey verify_key{};
};

// A report that was uploaded and is not verified yet. Sealed, and nothing says which device sent
// it.
struct PendingReport {
  dap::TaskId task;
  dap::WindowStart window = 0;
  dap::ReportId id{};
  Bytes report;
};

// A window that is over for good: collected, of too few, or failed.
struct ClosedHealthWindow {
  dap::TaskId task;
  dap::WindowStart window = 0;
  v1::HealthWindow shown;
};

using HealthWindowKey = std::pair<dap::TaskId, dap::WindowStart>;

struct HealthSnapshot {
  std::vector<StoredHealthTask> tasks;  // oldest first
  std::vector<ClosedHealthWindow> closed;
  std::map<HealthWindowKey, std::uint64_t> pending;  // how many reports; none is absent
};

enum class Taking { kUnspecified = 0, kNew, kKnown };

// Blocking; thread-safe. All or nothing, durable when it returns OK. Every method: UNAVAILABLE or
// as the storage says; whether a change took place shows when the same is called again.
class HealthStore {
 public:
  virtual ~HealthStore() = default;

  virtual StatusOr<HealthSnapshot> Load() = 0;
  // A task that is there already is replaced.
  virtual Status PutTask(const StoredHealthTask& task) = 0;
  // kKnown: a report of this id is pending for the window; the first stays.
  virtual StatusOr<Taking> PutReport(const PendingReport& report) = 0;
  // At most `limit`, in the order in which they were put.
  virtual StatusOr<std::vector<PendingReport>> OldestReports(const HealthWindowKey& window,
                                                             std::size_t limit) = 0;
  // Forgets reports, their bytes included; those that are not there are settled already.
  virtual Status Settle(const HealthWindowKey& window, std::span<const dap::ReportId> reports) = 0;
  // Keeps what came of a window and forgets the reports that are still pending for it.
  virtual Status CloseWindow(const ClosedHealthWindow& closed) = 0;

 protected:
  HealthStore() = default;
  HealthStore(const HealthStore&) = default;
  HealthStore& operator=(const HealthStore&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_HEALTH_STORE_H_
