// One suite for what the leader must not forget, on SQLite and on the fake.

#include "controller/health/health_store.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/health/sqlite_health_store.h"
#include "tests/support/memory_health_store.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

using Numbers8 = std::vector<std::uint8_t>;

struct Adapter {
  std::string name;
  // Opens the store of this folder; a store that is opened twice has what was put before.
  std::function<std::shared_ptr<HealthStore>(const std::filesystem::path&)> open;
};

Digest DigestOf(std::uint8_t fill) {
  std::array<std::uint8_t, Digest::kSize> bytes{};
  bytes.fill(fill);
  return Digest(bytes);
}

PendingReport ReportOf(std::uint8_t number, dap::WindowStart window = 10) {
  PendingReport report;
  report.task = DigestOf(1);
  report.window = window;
  report.id.fill(number);
  report.report = Bytes(700, number);
  return report;
}

class HealthStoreContract : public testing::TestWithParam<Adapter> {
 protected:
  HealthStoreContract() { Reopen(); }
  void Reopen() {
    store_ = nullptr;
    store_ = GetParam().open(folder_.path());
  }
  std::vector<std::uint8_t> Numbers(dap::WindowStart window, std::size_t limit) {
    std::vector<std::uint8_t> numbers;
    const auto reports = store_->OldestReports({DigestOf(1), window}, limit);
    EXPECT_TRUE(reports.ok()) << reports.status();
    for (const PendingReport& report : *reports) {
      EXPECT_EQ(report.report, Bytes(700, report.id[0]));
      EXPECT_EQ(report.window, window);
      numbers.push_back(report.id[0]);
    }
    return numbers;
  }

  TempDir folder_;
  std::shared_ptr<HealthStore> store_;
};

TEST_P(HealthStoreContract, KeepsTasksInTheOrderInWhichTheyCame) {
  for (const std::uint8_t id : Numbers8{9, 3, 5}) {
    StoredHealthTask task;
    task.id = DigestOf(id);
    task.shown.set_metric("m" + std::to_string(id));
    task.configuration = Bytes(200, id);
    task.verify_key.fill(id);
    ASSERT_TRUE(store_->PutTask(task).ok());
  }
  StoredHealthTask again;
  again.id = DigestOf(3);
  again.shown.set_metric("other");
  again.configuration = Bytes(10, 1);
  ASSERT_TRUE(store_->PutTask(again).ok());
  Reopen();
  const auto snapshot = store_->Load();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  ASSERT_EQ(snapshot->tasks.size(), 3U);
  EXPECT_EQ(snapshot->tasks[0].shown.metric(), "m9");
  EXPECT_EQ(snapshot->tasks[0].verify_key[31], 9);
  EXPECT_EQ(snapshot->tasks[0].configuration, Bytes(200, 9));
  EXPECT_EQ(snapshot->tasks[1].shown.metric(), "other");
  EXPECT_EQ(snapshot->tasks[2].id, DigestOf(5));
}

TEST_P(HealthStoreContract, TakesAReportOnceAndGivesTheOldestFirst) {
  for (const std::uint8_t number : Numbers8{7, 200, 3}) {
    EXPECT_EQ(*store_->PutReport(ReportOf(number)), Taking::kNew);
  }
  EXPECT_EQ(*store_->PutReport(ReportOf(7)), Taking::kKnown);
  EXPECT_EQ(*store_->PutReport(ReportOf(7, 11)), Taking::kNew);
  Reopen();
  EXPECT_EQ(Numbers(10, 100), (Numbers8{7, 200, 3}));
  EXPECT_EQ(Numbers(10, 2), (Numbers8{7, 200}));
  EXPECT_EQ(Numbers(12, 2), Numbers8());
  EXPECT_EQ((store_->Load()->pending), (std::map<HealthWindowKey, std::uint64_t>{
                                           {{DigestOf(1), 10}, 3}, {{DigestOf(1), 11}, 1}}));
}

TEST_P(HealthStoreContract, ForgetsWhatIsSettled) {
  for (const std::uint8_t number : Numbers8{1, 2, 3}) {
    ASSERT_TRUE(store_->PutReport(ReportOf(number)).ok());
  }
  const std::vector<dap::ReportId> settled = {ReportOf(1).id, ReportOf(3).id, ReportOf(99).id};
  EXPECT_TRUE(store_->Settle({DigestOf(1), 10}, settled).ok());
  EXPECT_TRUE(store_->Settle({DigestOf(1), 10}, settled).ok());
  Reopen();
  EXPECT_EQ(Numbers(10, 100), Numbers8{2});
}

TEST_P(HealthStoreContract, ClosesAWindowWithItsPendingReports) {
  ASSERT_TRUE(store_->PutReport(ReportOf(1)).ok());
  ASSERT_TRUE(store_->PutReport(ReportOf(1, 11)).ok());
  ClosedHealthWindow closed{DigestOf(1), 10, {}};
  closed.shown.set_state(v1::HEALTH_WINDOW_STATE_COLLECTED);
  closed.shown.add_buckets()->set_count(-5);
  EXPECT_TRUE(store_->CloseWindow(closed).ok());
  EXPECT_TRUE(store_->CloseWindow(closed).ok());
  Reopen();
  const auto snapshot = store_->Load();
  ASSERT_EQ(snapshot->closed.size(), 1U);
  EXPECT_EQ(snapshot->closed[0].window, 10U);
  EXPECT_EQ(snapshot->closed[0].shown.buckets(0).count(), -5);
  EXPECT_EQ(snapshot->pending.size(), 1U);
  EXPECT_EQ(Numbers(10, 100), Numbers8());
  EXPECT_EQ(Numbers(11, 100), Numbers8{1});
}

INSTANTIATE_TEST_SUITE_P(
    Stores, HealthStoreContract,
    testing::Values(
        Adapter{"Sqlite",
                [](const std::filesystem::path& folder) -> std::shared_ptr<HealthStore> {
                  auto store = SqliteHealthStore::Open(folder / "health.db");
                  EXPECT_TRUE(store.ok()) << store.status();
                  return *std::move(store);
                }},
        Adapter{"Memory",
                [kept = std::map<std::filesystem::path, std::shared_ptr<HealthStore>>()](
                    const std::filesystem::path& folder) mutable {
                  auto& store = kept[folder];
                  if (store == nullptr) store = std::make_shared<MemoryHealthStore>();
                  return store;
                }}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace flotilla::controller
