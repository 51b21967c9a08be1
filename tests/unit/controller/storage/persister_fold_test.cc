// When a Persister folds what its store puts aside.

#include <cstddef>
#include <future>
#include <optional>

#include <gtest/gtest.h>

#include "base/loop_thread.h"
#include "controller/storage/persister.h"
#include "tests/support/forwarding_fleet_store.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kRowBytes = 100;
constexpr int kPieces = 3;

// Puts kRowBytes aside in each commit, and folds in pieces. The persister's thread alone uses it.
class FoldingStore final : public ForwardingFleetStore {
 public:
  FoldingStore() : ForwardingFleetStore(memory_) {}

  Status Commit(const FleetChange& change) override {
    put_aside_ += kRowBytes;
    return ForwardingFleetStore::Commit(change);
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

  // Set before the persister starts.
  int failures = 0;
  // Read after it ended.
  std::size_t folded_bytes = 0;
  // The first fold came to its end.
  std::promise<void> folded;

 private:
  MemoryFleetStore memory_;
  std::size_t put_aside_ = 0;
  int pieces_left_ = 0;
  bool told_ = false;
};

class PersisterFold : public ::testing::Test {
 protected:
  void Start(Duration fold_after, std::size_t fold_above_bytes) {
    PersisterOptions options;
    options.fold_after = fold_after;
    options.fold_above_bytes = fold_above_bytes;
    persister_.emplace(store_, loop_.executor(), options);
  }
  Status Commit() {
    FleetChange change;
    change.devices.emplace_back().record.set_id("pump-1");
    std::promise<Status> answer;
    persister_->Commit(change, [&answer](const Status& status) { answer.set_value(status); });
    return answer.get_future().get();
  }

  FoldingStore store_;
  LoopThread loop_;
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
