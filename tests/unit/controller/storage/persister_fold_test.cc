// When a Persister folds what its store puts aside.

#include <cstddef>
#include <future>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "base/asio_executor.h"
#include "controller/storage/persister.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kRowBytes = 100;
constexpr int kPieces = 3;

// Puts kRowBytes aside in each commit, and folds in pieces. The persister's thread alone uses it.
class FoldingStore final : public FleetStore {
 public:
  Status Commit(const FleetChange& change) override {
    put_aside_ += kRowBytes;
    return inner_.Commit(change);
  }
  StatusOr<FoldState> Fold(std::size_t keep_bytes) override {
    if (pieces_left_ == 0 && put_aside_ <= keep_bytes) {
      return FoldState{put_aside_, false};
    }
    if (failures > 0) {
      --failures;
      return ResourceExhausted("full");
    }
    pieces_left_ = pieces_left_ == 0 ? kPieces : pieces_left_;
    if (--pieces_left_ > 0) {
      return FoldState{put_aside_, true};
    }
    folded_bytes += put_aside_;
    put_aside_ = 0;
    if (!told_) {
      told_ = true;
      folded.set_value();
    }
    return FoldState{};
  }
  StatusOr<FleetSnapshot> Load() override { return inner_.Load(); }
  StatusOr<std::vector<StoredReport>> RecentReports(const std::string& id,
                                                    std::size_t limit) override {
    return inner_.RecentReports(id, limit);
  }
  StatusOr<std::uint64_t> LastReportSeq(const std::string& id, std::uint64_t epoch) override {
    return inner_.LastReportSeq(id, epoch);
  }
  StatusOr<std::size_t> PruneReports(Time before, std::size_t limit) override {
    return inner_.PruneReports(before, limit);
  }
  StatusOr<std::vector<v1::AuditEntry>> AuditPage(std::uint64_t before,
                                                  std::size_t limit) override {
    return inner_.AuditPage(before, limit);
  }
  StatusOr<std::vector<v1::AuditEntry>> AuditAfter(std::uint64_t after,
                                                   std::size_t limit) override {
    return inner_.AuditAfter(after, limit);
  }

  // Set before the persister starts.
  int failures = 0;
  // Read after it ended.
  std::size_t folded_bytes = 0;
  // The first fold came to its end.
  std::promise<void> folded;

 private:
  MemoryFleetStore inner_;
  std::size_t put_aside_ = 0;
  int pieces_left_ = 0;
  bool told_ = false;
};

class PersisterFold : public ::testing::Test {
 protected:
  PersisterFold() : thread_([this] { loop_.Run(); }) {}
  ~PersisterFold() override {
    persister_.reset();
    loop_.Stop();
    thread_.join();
  }
  void Start(Duration fold_after, std::size_t fold_above_bytes) {
    PersisterOptions options;
    options.fold_after = fold_after;
    options.fold_above_bytes = fold_above_bytes;
    persister_.emplace(store_, loop_, options);
  }
  Status Commit() {
    FleetChange change;
    change.devices.emplace_back().record.set_id("pump-1");
    std::promise<Status> answer;
    persister_->Commit(change, [&answer](const Status& status) { answer.set_value(status); });
    return answer.get_future().get();
  }

  FoldingStore store_;
  AsioExecutor loop_;
  std::thread thread_;
  std::optional<Persister> persister_;
};

TEST_F(PersisterFold, ComesWhenNothingIsToBeDone) {
  Start(absl::Milliseconds(1), 1000 * kRowBytes);
  EXPECT_EQ(Commit(), OkStatus());
  store_.folded.get_future().wait();
  persister_.reset();
  EXPECT_EQ(store_.folded_bytes, kRowBytes);
}

TEST_F(PersisterFold, ComesAtOnceWhenMoreIsPutAsideThanItsBound) {
  Start(absl::Hours(1), kRowBytes);
  EXPECT_EQ(Commit(), OkStatus());
  EXPECT_EQ(Commit(), OkStatus());
  store_.folded.get_future().wait();
}

TEST_F(PersisterFold, ComesBeforeTheEnd) {
  Start(absl::Hours(1), 1000 * kRowBytes);
  EXPECT_EQ(Commit(), OkStatus());
  persister_.reset();
  EXPECT_EQ(store_.folded_bytes, kRowBytes);
}

TEST_F(PersisterFold, ThatFailsIsTriedAgainWhileCommitsGoOn) {
  store_.failures = 3;
  Start(absl::Milliseconds(1), 0);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Commit(), OkStatus());
  }
  store_.folded.get_future().wait();
  persister_.reset();
  EXPECT_EQ(store_.folded_bytes, 5 * kRowBytes);
}

TEST_F(PersisterFold, ThatFailsToTheLastLetsThePersisterEnd) {
  store_.failures = 1'000'000'000;
  Start(absl::Hours(1), 1000 * kRowBytes);
  EXPECT_EQ(Commit(), OkStatus());
  persister_.reset();
  EXPECT_EQ(store_.folded_bytes, 0U);
}

}  // namespace
}  // namespace flotilla::controller
