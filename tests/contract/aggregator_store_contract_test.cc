// What every AggregatorStore (telemetry/dap/aggregator_store.h) keeps.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "security/sha256.h"
#include "telemetry/dap/aggregator_store.h"
#include "telemetry/store/sqlite_aggregator_store.h"
#include "tests/support/memory_aggregator_store.h"
#include "tests/support/temp_dir.h"

namespace flotilla::dap {
namespace {

// A store, and the way to open it again after the process ended.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual AggregatorStore& store() = 0;
  virtual void Reopen() = 0;

 protected:
  Subject() = default;
  Subject(const Subject&) = default;
  Subject& operator=(const Subject&) = default;
};

class MemorySubject final : public Subject {
 public:
  AggregatorStore& store() override { return store_; }
  void Reopen() override {}

 private:
  MemoryAggregatorStore store_;
};

class SqliteSubject final : public Subject {
 public:
  SqliteSubject() { Reopen(); }
  AggregatorStore& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    auto opened = telemetry::SqliteAggregatorStore::Open(folder_.path() / "aggregator.db");
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

 private:
  TempDir folder_;
  std::unique_ptr<telemetry::SqliteAggregatorStore> store_;
};

struct Kind {
  const char* name;
  std::function<std::unique_ptr<Subject>()> make;
};

Digest Named(const std::string& name) {
  return security::Sha256(AsBytes(name));
}

ReportId Report(std::uint8_t number) {
  ReportId id{};
  id.back() = number;
  return id;
}

dp::KeyCharge Charge(std::uint8_t window, std::int64_t second) {
  dp::KeyCharge charge;
  charge.window.fill(window);
  charge.at = absl::FromUnixSeconds(second) + absl::Nanoseconds(7);
  charge.cost = {.nano_epsilon = 500'000'000, .pico_rho = std::uint64_t{1} << 63U};
  return charge;
}

// Two reports of one job.
AggregatorCommit Job() {
  AggregatorCommit commit;
  commit.task = Named("task");
  commit.reports = {{500, Report(1)}, {501, Report(2)}};
  commit.charges = {{Named("device 1"), Charge(1, 1'700'000'000)},
                    {Named("device 2"), Charge(2, 1'700'000'001)}};
  commit.buckets[500] = {.aggregate = ToBytes("first"), .count = 1, .checksum = Named("a")};
  commit.buckets[501] = {.aggregate = ToBytes("second"), .count = 1, .checksum = Named("b")};
  commit.answer.emplace(Named("request"), ToBytes("answer"));
  commit.answer_window = 501;
  return commit;
}

class AggregatorStoreContract : public testing::TestWithParam<Kind> {
 protected:
  AggregatorStoreContract() : subject_(GetParam().make()) {}
  AggregatorStore& store() { return subject_->store(); }
  AggregatorStore& Again() {
    subject_->Reopen();
    return store();
  }

  const TaskId task_ = Named("task");
  std::unique_ptr<Subject> subject_;
};

INSTANTIATE_TEST_SUITE_P(
    Stores, AggregatorStoreContract,
    testing::Values(Kind{"memory", [] { return std::make_unique<MemorySubject>(); }},
                    Kind{"sqlite", [] { return std::make_unique<SqliteSubject>(); }}),
    [](const testing::TestParamInfo<Kind>& kind) { return std::string(kind.param.name); });

TEST_P(AggregatorStoreContract, KnowsNothingAtFirst) {
  EXPECT_EQ(*store().FindAnswer(task_, Named("request")), std::nullopt);
  EXPECT_FALSE(*store().HasReport(task_, Report(1)));
  EXPECT_TRUE(store().ChargesOf(Named("device 1"))->empty());
  EXPECT_EQ(*store().FindBucket(task_, 500), std::nullopt);
  EXPECT_FALSE(store().FindCollected(task_, 500)->has_value());
}

TEST_P(AggregatorStoreContract, KeepsAJobAcrossAReopen) {
  ASSERT_TRUE(store().Commit(Job()).ok());
  AggregatorStore& again = Again();
  EXPECT_EQ(*again.FindAnswer(task_, Named("request")), ToBytes("answer"));
  EXPECT_TRUE(*again.HasReport(task_, Report(1)));
  EXPECT_TRUE(*again.HasReport(task_, Report(2)));
  EXPECT_FALSE(*again.HasReport(task_, Report(3)));
  EXPECT_EQ(*again.FindBucket(task_, 500), Job().buckets.at(500));
  EXPECT_EQ(*again.FindBucket(task_, 501), Job().buckets.at(501));
  EXPECT_EQ(*again.FindBucket(task_, 502), std::nullopt);
}

TEST_P(AggregatorStoreContract, KeepsChargesOfAKeyToTheLastBit) {
  ASSERT_TRUE(store().Commit(Job()).ok());
  AggregatorCommit more;
  more.task = Named("another task");
  more.charges = {{Named("device 1"), Charge(9, -5)}};
  ASSERT_TRUE(store().Commit(more).ok());
  const std::vector<dp::KeyCharge> charges = *Again().ChargesOf(Named("device 1"));
  ASSERT_EQ(charges.size(), 2U);
  EXPECT_EQ(charges[0].window, Charge(1, 0).window);
  EXPECT_EQ(charges[0].at, Charge(1, 1'700'000'000).at);
  EXPECT_EQ(charges[0].cost, Charge(1, 0).cost);
  EXPECT_EQ(charges[1].at, Charge(9, -5).at);
}

TEST_P(AggregatorStoreContract, KeepsTasksApart) {
  ASSERT_TRUE(store().Commit(Job()).ok());
  const TaskId other = Named("another task");
  EXPECT_EQ(*store().FindAnswer(other, Named("request")), std::nullopt);
  EXPECT_FALSE(*store().HasReport(other, Report(1)));
  EXPECT_EQ(*store().FindBucket(other, 500), std::nullopt);
}

TEST_P(AggregatorStoreContract, ReplacesASumByTheNewerOne) {
  ASSERT_TRUE(store().Commit(Job()).ok());
  AggregatorCommit next;
  next.task = task_;
  next.buckets[500] = {.aggregate = {}, .count = ~std::uint64_t{0}, .checksum = Digest()};
  ASSERT_TRUE(store().Commit(next).ok());
  EXPECT_EQ(*Again().FindBucket(task_, 500), next.buckets.at(500));
  EXPECT_EQ(store().FindBucket(task_, 501)->value().count, 1U);
}

TEST_P(AggregatorStoreContract, KeepsACollectedWindowWithItsAnswer) {
  AggregatorCommit commit;
  commit.task = task_;
  commit.collected.emplace(
      500, CollectedWindow{.request = Named("asked"), .answer = ToBytes("noisy share")});
  ASSERT_TRUE(store().Commit(commit).ok());
  const auto found = *Again().FindCollected(task_, 500);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->request, Named("asked"));
  EXPECT_EQ(found->answer, ToBytes("noisy share"));
  EXPECT_FALSE(store().FindCollected(task_, 501)->has_value());
}

}  // namespace
}  // namespace flotilla::dap
