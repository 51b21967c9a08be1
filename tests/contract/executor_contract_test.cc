// What every Executor (base/executor.h) keeps, with the Clock that goes with it.

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/asio_executor.h"
#include "base/clock.h"
#include "base/os_clock.h"
#include "tests/support/fake_executor.h"

namespace flotilla {
namespace {

// An executor that runs, its clock, and a way to let time pass until `done` is true.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual Executor& executor() = 0;
  virtual Clock& clock() = 0;
  // Returns when a task posted now, after `delay`, has run.
  virtual void Pass(Duration delay) = 0;

 protected:
  Subject() = default;
  Subject(const Subject&) = default;
  Subject& operator=(const Subject&) = default;
};

class FakeSubject final : public Subject {
 public:
  Executor& executor() override { return fake_; }
  Clock& clock() override { return fake_; }
  void Pass(Duration delay) override { fake_.Advance(delay); }

 private:
  FakeExecutor fake_;
};

class AsioSubject final : public Subject {
 public:
  AsioSubject() : thread_([this] { asio_.Run(); }) {}
  ~AsioSubject() override {
    asio_.Stop();
    thread_.join();
  }
  AsioSubject(const AsioSubject&) = delete;
  AsioSubject& operator=(const AsioSubject&) = delete;
  Executor& executor() override { return asio_; }
  Clock& clock() override { return clock_; }
  void Pass(Duration delay) override {
    std::promise<void> done;
    asio_.PostAfter(delay, [&done] { done.set_value(); });
    done.get_future().wait();
  }

 private:
  AsioExecutor asio_;
  OsClock clock_;
  std::thread thread_;
};

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Subject>()> make;
};

class ExecutorContract : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { subject_ = GetParam().make(); }

  Executor& executor() { return subject_->executor(); }
  // Notes `what` when it runs.
  Executor::Task Noting(int what) {
    return [this, what] { notes_.push_back(what); };
  }

  // Written by tasks only; read after the subject is gone or after a Pass.
  std::vector<int> notes_;
  std::unique_ptr<Subject> subject_;
};

TEST_P(ExecutorContract, RunsTasksInTheOrderPosted) {
  for (int i = 0; i < 100; ++i) {
    executor().Post(Noting(i));
  }
  subject_->Pass(absl::ZeroDuration());
  ASSERT_EQ(notes_.size(), 100U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(notes_[static_cast<std::size_t>(i)], i);
  }
}

TEST_P(ExecutorContract, RunsWhatATaskPostsAfterThatTask) {
  executor().Post([this] {
    executor().Post(Noting(2));
    notes_.push_back(1);
  });
  subject_->Pass(absl::Milliseconds(1));
  EXPECT_EQ(notes_, (std::vector<int>{1, 2}));
}

TEST_P(ExecutorContract, FiresTimersInOrderOfTime) {
  executor().PostAfter(absl::Milliseconds(60), Noting(3));
  executor().PostAfter(absl::Milliseconds(1), Noting(1));
  executor().PostAfter(absl::Milliseconds(30), Noting(2));
  subject_->Pass(absl::Milliseconds(100));
  EXPECT_EQ(notes_, (std::vector<int>{1, 2, 3}));
}

TEST_P(ExecutorContract, FiresNoTimerEarly) {
  const Duration start = subject_->clock().Monotonic();
  Duration fired = absl::ZeroDuration();
  executor().PostAfter(absl::Milliseconds(20),
                       [this, &fired] { fired = subject_->clock().Monotonic(); });
  subject_->Pass(absl::Milliseconds(40));
  EXPECT_GE(fired - start, absl::Milliseconds(20));
}

TEST_P(ExecutorContract, DoesNotRunACancelledTimer) {
  const TimerId timer = executor().PostAfter(absl::Milliseconds(20), Noting(1));
  executor().PostAfter(absl::Milliseconds(20), Noting(2));
  executor().Cancel(timer);
  subject_->Pass(absl::Milliseconds(60));
  EXPECT_EQ(notes_, (std::vector<int>{2}));
}

TEST_P(ExecutorContract, IgnoresTheCancelOfATimerThatRanOrNeverWas) {
  const TimerId timer = executor().PostAfter(absl::ZeroDuration(), Noting(1));
  subject_->Pass(absl::Milliseconds(5));
  executor().Cancel(timer);
  executor().Cancel(TimerId(999'999));
  executor().Post(Noting(2));
  subject_->Pass(absl::ZeroDuration());
  EXPECT_EQ(notes_, (std::vector<int>{1, 2}));
}

TEST_P(ExecutorContract, LetsATaskCancelALaterTimer) {
  const TimerId timer = executor().PostAfter(absl::Milliseconds(40), Noting(1));
  executor().PostAfter(absl::Milliseconds(5), [this, timer] { executor().Cancel(timer); });
  subject_->Pass(absl::Milliseconds(80));
  EXPECT_TRUE(notes_.empty());
}

TEST_P(ExecutorContract, TakesTasksFromManyThreadsWithoutLosingOne) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 250; ++i) {
        executor().Post(Noting(i));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  subject_->Pass(absl::Milliseconds(1));
  EXPECT_EQ(notes_.size(), 1000U);
}

TEST_P(ExecutorContract, HasAMonotonicClockThatDoesNotGoBack) {
  const Duration before = subject_->clock().Monotonic();
  subject_->Pass(absl::Milliseconds(2));
  EXPECT_GE(subject_->clock().Monotonic() - before, absl::Milliseconds(2));
}

INSTANTIATE_TEST_SUITE_P(
    All, ExecutorContract,
    testing::Values(Kind{"Asio", [] { return std::unique_ptr<Subject>(new AsioSubject()); }},
                    Kind{"Fake", [] { return std::unique_ptr<Subject>(new FakeSubject()); }}),
    [](const auto& kind) { return kind.param.name; });

TEST(FakeExecutor, MovesTheWallClockAlone) {
  FakeExecutor fake;
  const Duration before = fake.Monotonic();
  fake.SetWallClock(absl::UnixEpoch());
  EXPECT_EQ(fake.Now(), absl::UnixEpoch());
  EXPECT_EQ(fake.Monotonic(), before);
}

}  // namespace
}  // namespace flotilla
