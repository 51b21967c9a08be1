// What an aggregator keeps, in one SQLite file: its tasks with their keys, which reports it has
// seen, its share of every sum, what it answered, and what each device has spent. Leader and helper
// have one each. No share of a single report is ever in it.
#ifndef FLOTILLA_TELEMETRY_STORE_SQLITE_AGGREGATOR_STORE_H_
#define FLOTILLA_TELEMETRY_STORE_SQLITE_AGGREGATOR_STORE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/dap/aggregator_store.h"
#include "telemetry/store/sqlite_database.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::telemetry {

// Larger than any store that forgets closed windows becomes; it bounds what a peer can fill.
inline constexpr std::uint64_t kMaxStoreBytes = std::uint64_t{16} << 30U;

struct StoredTask {
  Bytes configuration;           // TaskConfiguration, encoded; its id follows from it
  vdaf::VerifyKey verify_key{};  // secret
  Bytes collector;               // HpkeConfig, encoded

  friend bool operator==(const StoredTask&, const StoredTask&) = default;
};

// Thread-safe. Blocking, for a disk sync where it writes. Every write is all or nothing and durable
// when it returns OK. Errors as of SqliteDatabase; DATA_LOSS too for a row that means nothing.
class SqliteAggregatorStore final : public dap::AggregatorStore {
 public:
  static StatusOr<std::unique_ptr<SqliteAggregatorStore>> Open(
      const std::filesystem::path& file, std::uint64_t max_bytes = kMaxStoreBytes);

  // The same again changes nothing. ALREADY_EXISTS: known with another key or collector.
  Status PutTask(const StoredTask& task);
  // In the order of their ids.
  StatusOr<std::vector<StoredTask>> Tasks() const;

  // Drops the reports of windows that start before `first_kept`, and the answers to requests of
  // such windows alone. Sums and collected windows stay.
  Status Forget(const dap::TaskId& task, dap::WindowStart first_kept);
  // Drops the task with all that belongs to it but the charges. Whoever calls it makes sure that it
  // can not be put again (its first window has begun). OK: not known.
  Status ForgetTask(const dap::TaskId& task);
  // Drops charges that are older than dp::kBudgetWindow at `now`.
  Status ForgetCharges(Time now);

  StatusOr<std::optional<Bytes>> FindAnswer(const dap::TaskId& task,
                                            const Digest& request) const override;
  StatusOr<bool> HasReport(const dap::TaskId& task, const dap::ReportId& report) const override;
  StatusOr<std::vector<dp::KeyCharge>> ChargesOf(const dap::KeyId& key) const override;
  StatusOr<std::optional<dap::BatchBucket>> FindBucket(const dap::TaskId& task,
                                                       dap::WindowStart window) const override;
  StatusOr<std::optional<dap::CollectedWindow>> FindCollected(
      const dap::TaskId& task, dap::WindowStart window) const override;
  // INTERNAL: a report, a charge or a collected window is there already; nothing has changed.
  Status Commit(const dap::AggregatorCommit& commit) override;

 private:
  explicit SqliteAggregatorStore(std::unique_ptr<SqliteDatabase> database)
      : database_(std::move(database)) {}
  Status WriteReports(const dap::AggregatorCommit& commit);
  Status WriteSums(const dap::AggregatorCommit& commit);
  Status WriteAnswer(const dap::AggregatorCommit& commit);

  mutable std::mutex mutex_;  // guards *database_
  const std::unique_ptr<SqliteDatabase> database_;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_STORE_SQLITE_AGGREGATOR_STORE_H_
