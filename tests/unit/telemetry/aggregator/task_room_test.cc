#include "telemetry/aggregator/task_room.h"

#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/dap/admission.h"
#include "telemetry/dap/aggregate_share.h"
#include "telemetry/dap/collection_messages.h"
#include "tests/unit/telemetry/aggregator/room_world.h"

namespace flotilla::telemetry {
namespace {

TEST(TaskRoomTest, TakesATaskOnceAndTheSameAgainAtAnyTime) {
  RoomWorld world(0);
  ASSERT_TRUE(world.room->Put(world.Stored()).ok());
  world.clock.Advance(absl::Hours(24 * 5));  // begun long ago
  EXPECT_EQ(*world.room->Put(world.Stored()), world.task.id());
  world.Restart();
  EXPECT_EQ(world.room->task_count(), 1U);
  EXPECT_EQ(*world.room->Put(world.Stored()), world.task.id());
  StoredTask other = world.Stored();
  other.verify_key[0] ^= 1;
  EXPECT_EQ(world.room->Put(other).status().code(), StatusCode::kAlreadyExists);
}

TEST(TaskRoomTest, RefusesATaskThatBeganAndOneThatItsPolicyForbids) {
  RoomWorld world(0);
  world.clock.Advance(absl::Hours(3));
  EXPECT_EQ(world.room->Put(world.Stored()).status().code(), StatusCode::kFailedPrecondition);
  world.policy.minimum_batch = 1000;
  EXPECT_EQ(world.room->Put(world.Stored()).status().code(), StatusCode::kPermissionDenied);
  EXPECT_TRUE(world.store->Tasks()->empty());
}

TEST(TaskRoomTest, RefusesBytesThatAreNoTaskOrNoKey) {
  RoomWorld world(0);
  StoredTask task = world.Stored();
  task.configuration.pop_back();
  EXPECT_EQ(world.room->Put(task).status().code(), StatusCode::kInvalidArgument);
  task = world.Stored();
  task.collector.clear();
  EXPECT_EQ(world.room->Put(task).status().code(), StatusCode::kInvalidArgument);
  task = world.Stored();
  task.collector.insert(task.collector.end(), task.collector.begin(), task.collector.end());
  task.collector[41] = 10;  // another id: two keys
  EXPECT_EQ(world.room->Put(task).status().code(), StatusCode::kInvalidArgument);
}

TEST(TaskRoomTest, AnswersOnlyForTasksThatItKnows) {
  RoomWorld world(1);
  EXPECT_EQ(world.room->Aggregate(world.task.id(), {}).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(world.room->ShareOf(world.task.id(), {}).status().code(), StatusCode::kNotFound);
}

TEST(TaskRoomTest, AfterARestartTheSameJobGetsTheSameBytesAndCountsOnce) {
  RoomWorld world(3);
  world.PutAndMeasure();
  const dap::LeaderJob job = world.Job(world.Reports(0, 3));
  const Bytes answer = *world.room->Aggregate(world.task.id(), job.request);
  world.Restart();
  EXPECT_EQ(*world.room->Aggregate(world.task.id(), job.request), answer);
  EXPECT_EQ(world.store->FindBucket(world.task.id(), world.window)->value().count, 3U);
}

TEST(TaskRoomTest, GivesASumOfEnoughDevicesAwayInTheSameWordsForEver) {
  RoomWorld world(100);
  world.PutAndMeasure();
  ASSERT_EQ(world.Aggregate(world.Reports(0, 99)), 99U);
  EXPECT_EQ(world.leader->Collect(world.window, world.Now()).status().code(),
            StatusCode::kFailedPrecondition);
  // The leader alone cannot make up for the missing device.
  const dap::Interval interval = world.task.IntervalOf(world.window);
  const auto bucket = *dap::LoadBucket(world.task, world.window, world.leader_store);
  const dap::AggregateShareRequest early{.collection = {.interval = interval},
                                         .selector = interval,
                                         .report_count = 100,
                                         .checksum = bucket.checksum};
  EXPECT_EQ(world.room->ShareOf(world.task.id(), early.Encode()).status().code(),
            StatusCode::kFailedPrecondition);
  ASSERT_EQ(world.Aggregate(world.Reports(99, 100)), 1U);
  const dap::LeaderCollection collection = *world.leader->Collect(world.window, world.Now());
  const Bytes share = *world.room->ShareOf(world.task.id(), collection.request);
  world.Restart();
  EXPECT_EQ(*world.room->ShareOf(world.task.id(), collection.request), share);
  const auto counts = *dap::OpenAggregate(world.task, {.interval = interval}, world.collector,
                                          collection.share, share);
  ASSERT_EQ(counts.size(), 5U);
  // Two draws of scale 2: beyond 100 once in 10^20.
  EXPECT_NEAR(static_cast<double>(counts[0]), 100.0, 100.0);
}

TEST(TaskRoomTest, CountsWhomTheListNamesFromTheNextJobOn) {
  RoomWorld world(2);
  world.PutAndMeasure();
  const std::string id = world.list.List()->front().Id().ToHex();
  ASSERT_TRUE(world.list.Remove(id).ok());
  EXPECT_EQ(world.Aggregate(world.Reports(0, 2)), 1U);
  ASSERT_TRUE(world.list.Add({DeviceOf(world.device_keys[0]->public_key())}).ok());
  EXPECT_EQ(world.Aggregate(world.Reports(0, 1)), 1U);
}

TEST(TaskRoomTest, WithoutAListItDropsNothingButAsksToComeAgain) {
  RoomWorld world(2);
  world.PutAndMeasure();
  const dap::LeaderJob job = world.Job(world.Reports(0, 2));
  const auto file = world.folder.path() / "devices";
  std::filesystem::rename(file, world.folder.path() / "away");
  EXPECT_EQ(world.room->Aggregate(world.task.id(), job.request).status().code(),
            StatusCode::kUnavailable);
  EXPECT_EQ(world.room->Standing().status().code(), StatusCode::kUnavailable);
  std::filesystem::rename(world.folder.path() / "away", file);
  const auto answer = world.room->Aggregate(world.task.id(), job.request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(world.leader->Finish(job, *answer)->accepted, 2U);
}

TEST(TaskRoomTest, SaysHowManyDevicesThereAreOnlyInTens) {
  RoomWorld world(19);
  EXPECT_EQ(world.room->Standing()->registered_devices, 10U);
}

TEST(TaskRoomTest, OpensReportsOfTheKeyBeforeTheLastRotation) {
  RoomWorld world(2);
  world.clock.Advance(kKeyLife / 2 - absl::Hours(2));  // the task is over by the next rotation
  world.task = *dap::Task::Create(GateTask(world.clock.Now() + absl::Hours(2)));
  world.window = world.task.configuration().interval.start;
  world.leader = std::make_unique<dap::Leader>(
      *dap::Leader::Create(world.task, world.leader_keys, world.leader_store, world.random));
  world.PutAndMeasure();
  const std::vector<Bytes> before = world.Reports(0, 1);
  const Bytes old_configs = world.keys->signed_configs();
  ASSERT_TRUE(world.room->Tidy().ok());
  ASSERT_NE(world.keys->signed_configs(), old_configs);
  EXPECT_EQ(world.Aggregate(before), 1U);
  EXPECT_EQ(world.Aggregate(world.Reports(1, 2)), 1U);
}

TEST(TaskRoomTest, ForgetsTheReportsOfAClosedWindowButNotItsSum) {
  RoomWorld world(1);
  world.PutAndMeasure();
  const dap::LeaderJob job = world.Job(world.Reports(0, 1));
  ASSERT_TRUE(world.room->Aggregate(world.task.id(), job.request).ok());
  const dap::ReportId report = job.pending.front().metadata.id;
  ASSERT_TRUE(world.room->Tidy().ok());
  EXPECT_TRUE(*world.store->HasReport(world.task.id(), report));
  world.clock.Advance(dap::ClosesAt(world.task, world.window) - world.Now());
  ASSERT_TRUE(world.room->Tidy().ok());
  EXPECT_FALSE(*world.store->HasReport(world.task.id(), report));
  EXPECT_EQ(world.store->FindBucket(world.task.id(), world.window)->value().count, 1U);
  // What comes again now is dropped for its time.
  const Bytes late = *world.room->Aggregate(world.task.id(), job.request);
  EXPECT_EQ(dap::AggregationResponse::Decode(late)->responses.front().error,
            dap::ReportError::kReportDropped);
}

TEST(TaskRoomTest, ForgetsATaskAMonthAfterItsLastWindowClosed) {
  RoomWorld world(1);
  world.PutAndMeasure();
  ASSERT_EQ(world.Aggregate(world.Reports(0, 1)), 1U);
  const Time over = dap::ClosesAt(world.task, world.window + 1) + kSumsKept;
  world.clock.Advance(over - absl::Seconds(1) - world.Now());
  ASSERT_TRUE(world.room->Tidy().ok());
  EXPECT_EQ(world.room->task_count(), 1U);
  world.clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(world.room->Tidy().ok());
  EXPECT_EQ(world.room->task_count(), 0U);
  EXPECT_TRUE(world.store->Tasks()->empty());
  EXPECT_EQ(world.room->Put(world.Stored()).status().code(), StatusCode::kFailedPrecondition);
  // What the device spent counts on.
  EXPECT_EQ(world.store->ChargesOf(DeviceOf(world.device_keys[0]->public_key()).Id())->size(), 1U);
}

}  // namespace
}  // namespace flotilla::telemetry
