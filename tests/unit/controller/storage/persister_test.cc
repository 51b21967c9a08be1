#include "controller/storage/persister.h"

#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "base/loop_thread.h"
#include "tests/support/forwarding_fleet_store.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {
namespace {

FleetChange ChangeOf(const std::string& id) {
  FleetChange change;
  change.devices.emplace_back().record.set_id(id);
  return change;
}

// A store over one in memory whose commits a test decides about.
class DecidedStore : public ForwardingFleetStore {
 public:
  DecidedStore() : ForwardingFleetStore(memory_) {}

 private:
  MemoryFleetStore memory_;
};

// Waits in its first commit until it is let go; counts commits.
class SlowStore final : public DecidedStore {
 public:
  Status Commit(const FleetChange& change) override {
    rows.push_back(change.rows());
    changes.push_back(change);
    if (rows.size() == 1) {
      entered.set_value();
      go.get_future().wait();
    }
    return DecidedStore::Commit(change);
  }
  std::vector<std::size_t> rows;
  std::vector<FleetChange> changes;
  std::promise<void> entered;
  std::promise<void> go;
};

TEST(Persister, MergesWhatWaitsIntoOneTransactionUpToItsRows) {
  SlowStore store;
  LoopThread loop;
  std::promise<void> last;
  {
    PersisterOptions options;
    options.max_rows = 3;
    Persister persister(store, loop.executor(), options);
    persister.Commit(ChangeOf("a"), nullptr);
    store.entered.get_future().wait();
    for (const char* id : {"b", "c", "d", "e"}) {
      persister.Commit(ChangeOf(id), nullptr);
    }
    persister.Commit(ChangeOf("f"), [&](const Status&) { last.set_value(); });
    store.go.set_value();
    last.get_future().wait();
  }
  EXPECT_EQ(store.rows, (std::vector<std::size_t>{1, 3, 2}));
}

TEST(Persister, CallsDonesInOrderAfterTheCommit) {
  MemoryFleetStore store;
  LoopThread loop;
  std::vector<int> order;
  std::promise<void> last;
  Persister persister(store, loop.executor(), {});
  for (int i = 0; i < 20; ++i) {
    persister.Commit(ChangeOf("d" + std::to_string(i)), [&, i](const Status& status) {
      EXPECT_TRUE(status.ok());
      order.push_back(i);
      if (i == 19) {
        last.set_value();
      }
    });
  }
  last.get_future().wait();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(order.at(static_cast<std::size_t>(i)), i);
  }
}

StoredDevice Row(const std::string& id, std::uint64_t seq) {
  StoredDevice row;
  row.record.set_id(id);
  row.report_seq = seq;
  return row;
}

std::vector<std::string> Written(const SlowStore& store, std::size_t commit) {
  std::vector<std::string> ids;
  for (const StoredDevice& row : store.changes.at(commit).devices) {
    ids.push_back(absl::StrCat(row.record.id(), row.report_seq));
  }
  return ids;
}

// A persister whose first commit is under way until the test lets it go.
class BusyPersister : public ::testing::Test {
 protected:
  void Start(std::size_t max_rows) {
    PersisterOptions options;
    options.max_rows = max_rows;
    persister_.emplace(store_, loop_.executor(), options);
    persister_->Commit(ChangeOf("first"), nullptr);
    store_.entered.get_future().wait();
  }
  // Lets everything be written that waits.
  void Finish() {
    store_.go.set_value();
    persister_.reset();
  }

  SlowStore store_;
  LoopThread loop_;
  std::optional<Persister> persister_;
};

TEST_F(BusyPersister, WritesLatestRowsBehindWhatMustNotBeLost) {
  Start(3);
  persister_->CommitLatest({Row("x", 1), Row("y", 1)}, nullptr);
  for (const char* id : {"b", "c", "d", "e"}) {
    persister_->Commit(ChangeOf(id), nullptr);
  }
  Finish();
  EXPECT_EQ(Written(store_, 1), (std::vector<std::string>{"b0", "c0", "d0", "x1"}));
  EXPECT_EQ(Written(store_, 2), (std::vector<std::string>{"e0", "y1"}));
}

TEST_F(BusyPersister, KeepsOnlyTheNewestRowOfADevice) {
  Start(100);
  persister_->CommitLatest({Row("x", 1)}, nullptr);
  persister_->CommitLatest({Row("x", 2), Row("y", 1)}, nullptr);
  Finish();
  EXPECT_EQ(Written(store_, 1), (std::vector<std::string>{"x2", "y1"}));
}

TEST_F(BusyPersister, DropsALatestRowForAChangeOfItsDeviceThatCameLater) {
  Start(100);
  std::promise<Status> told;
  persister_->CommitLatest({Row("b", 1)}, [&](const Status& status) { told.set_value(status); });
  persister_->Commit(ChangeOf("b"), nullptr);
  store_.go.set_value();
  EXPECT_TRUE(told.get_future().get().ok());
  persister_.reset();
  EXPECT_EQ(Written(store_, 1), (std::vector<std::string>{"b0"}));
}

TEST_F(BusyPersister, AQueueThatNeverEndsLeavesATenthToLatestRows) {
  Start(10);
  persister_->CommitLatest({Row("x", 1)}, nullptr);
  for (int i = 0; i < 30; ++i) {
    persister_->Commit(ChangeOf(absl::StrCat("d", i)), nullptr);
  }
  Finish();
  EXPECT_EQ(Written(store_, 1).size(), 10U);
  EXPECT_EQ(Written(store_, 1).back(), "x1");
}

TEST(Persister, ReadsSeeEveryChangeCommittedBeforeThem) {
  MemoryFleetStore store;
  LoopThread loop;
  Persister persister(store, loop.executor(), {});
  persister.Commit(ChangeOf("a"), nullptr);
  std::promise<std::size_t> seen;
  persister.Read([&](FleetStore& from) { seen.set_value(from.Load()->devices.size()); });
  EXPECT_EQ(seen.get_future().get(), 1U);
}

TEST(Persister, TriesAgainWhileTheDiskIsFull) {
  MemoryFleetStore store;
  LoopThread loop;
  store.FailNext(ResourceExhausted("disk full"));
  PersisterOptions options;
  options.retry_after = absl::Milliseconds(1);
  Persister persister(store, loop.executor(), options);
  std::promise<Status> done;
  persister.Commit(ChangeOf("a"), [&](const Status& status) { done.set_value(status); });
  EXPECT_TRUE(done.get_future().get().ok());
}

TEST(Persister, HandsOnAnErrorThatWillNotPass) {
  MemoryFleetStore store;
  LoopThread loop;
  store.FailNext(DataLoss("damaged"));
  Persister persister(store, loop.executor(), {});
  std::promise<Status> done;
  persister.Commit(ChangeOf("a"), [&](const Status& status) { done.set_value(status); });
  EXPECT_EQ(done.get_future().get().code(), StatusCode::kDataLoss);
}

// Fails until the end of time.
class LockedStore final : public DecidedStore {
 public:
  Status Commit(const FleetChange& /*change*/) override { return Unavailable("locked"); }
};

TEST(Persister, AnswersWhatWaitsOnceItDoesNotTryAgain) {
  LockedStore store;
  LoopThread loop;
  PersisterOptions options;
  options.retry_after = absl::Hours(1);
  Persister persister(store, loop.executor(), options);
  std::promise<Status> first;
  std::promise<Status> second;
  persister.Commit(ChangeOf("a"), [&](const Status& status) { first.set_value(status); });
  persister.StopRetrying();
  EXPECT_EQ(first.get_future().get().code(), StatusCode::kUnavailable);
  persister.Commit(ChangeOf("b"), [&](const Status& status) { second.set_value(status); });
  EXPECT_EQ(second.get_future().get().code(), StatusCode::kUnavailable);
}

TEST(Persister, CommitsWhatWaitsBeforeItEnds) {
  MemoryFleetStore store;
  LoopThread loop;
  {
    Persister persister(store, loop.executor(), {});
    for (int i = 0; i < 100; ++i) {
      persister.Commit(ChangeOf("d" + std::to_string(i)), nullptr);
    }
  }
  EXPECT_EQ(store.Load()->devices.size(), 100U);
}

TEST(Persister, TellsWhatWaitsAndWhatIsOnItsWayToTheDisk) {
  SlowStore store;
  LoopThread loop;
  std::promise<void> last;
  {
    Persister persister(store, loop.executor(), {});
    EXPECT_EQ(persister.load().rows, 0U);
    persister.Commit(ChangeOf("first"), nullptr);
    store.entered.get_future().wait();
    EXPECT_EQ(persister.load().rows, 1U);
    persister.Commit(ChangeOf("second"), nullptr);
    persister.Commit(ChangeOf("third"), [&](const Status&) { last.set_value(); });
    EXPECT_EQ(persister.load().rows, 3U);
    EXPECT_EQ(persister.load().bytes, ChangeOf("first").devices[0].record.ByteSizeLong() +
                                          ChangeOf("second").devices[0].record.ByteSizeLong() +
                                          ChangeOf("third").devices[0].record.ByteSizeLong());
    store.go.set_value();
    last.get_future().wait();
    EXPECT_EQ(persister.load().rows, 0U);
    EXPECT_EQ(persister.load().bytes, 0U);
  }
}

}  // namespace
}  // namespace flotilla::controller
