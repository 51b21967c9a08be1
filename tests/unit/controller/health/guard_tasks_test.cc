#include "controller/health/guard_tasks.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/fleet/proto_time.h"
#include "controller/health/concern.h"

namespace flotilla::controller {
namespace {

using ::testing::HasSubstr;
using Rest = rollout::GuardStatus::Rest;

constexpr Time kBegin = absl::FromUnixSeconds(1'800'000'000LL / 21'600 * 21'600);
constexpr Duration kWindow = absl::Hours(6);

rollout::GuardOrder Order() {
  rollout::GuardOrder order;
  order.rollout_id = "v2";
  order.wave_name = "canary";
  order.line = "pump";
  order.release.set_version("2.0.0");
  order.release.set_sha256(std::string(Digest::kSize, '2'));
  order.baseline.set_version("1.0.0");
  order.baseline.set_sha256(std::string(Digest::kSize, '1'));
  order.canary_devices = 700;
  order.control_devices = 710;
  return order;
}

v1::HealthResult TaskOf(v1::HealthArm arm, Time begin = kBegin) {
  v1::HealthResult result;
  v1::HealthTask& task = *result.mutable_task();
  task.set_id(arm == v1::HEALTH_ARM_CANARY ? "ca" : "c0");
  task.set_guards("v2/canary");
  task.set_arm(arm);
  *task.mutable_window() = ToProto(kWindow);
  *task.mutable_begins_at() = ToProto(begin);
  *task.mutable_ends_at() = ToProto(begin + 2 * kWindow);
  return result;
}

// Newest first, as the board shows them.
void AddWindow(v1::HealthResult& result, int index, v1::HealthWindowState state,
               const std::string& reason = "") {
  v1::HealthWindow window;
  const Time begin = FromProto(result.task().begins_at()) + index * kWindow;
  *window.mutable_begins_at() = ToProto(begin);
  *window.mutable_ends_at() = ToProto(begin + kWindow);
  window.set_state(state);
  window.set_reason(reason);
  if (state == v1::HEALTH_WINDOW_STATE_COLLECTED) {
    window.set_reports(600);
    for (const int count : {1, 570, 20, 5, 4}) {
      window.add_buckets()->set_count(count + index);
    }
  }
  const auto rest = result.windows();
  result.clear_windows();
  *result.add_windows() = window;
  result.mutable_windows()->MergeFrom(rest);
}

HealthPicture PictureOf(const v1::HealthResult& canary, const v1::HealthResult& control) {
  HealthPicture picture;
  picture.results = {control, canary};
  return picture;
}

TEST(GuardTasks, AskEachArmOfItsOwnReleaseAndDevices) {
  const auto canary = AskOfArm(Order(), dap::Arm::kCanary, std::nullopt);
  ASSERT_TRUE(canary.ok()) << canary.status();
  EXPECT_EQ(canary->version, "2.0.0");
  EXPECT_EQ(canary->cohort_devices, 700U);
  EXPECT_EQ(canary->guards, "v2/canary");
  EXPECT_EQ(canary->kind, dap::TaskKind::kReal);
  const auto control = AskOfArm(Order(), dap::Arm::kControl, kBegin);
  EXPECT_EQ(control->version, "1.0.0");
  EXPECT_EQ(control->cohort_devices, 710U);
  EXPECT_EQ(control->begin, kBegin);
}

TEST(GuardTasks, AnOrderWithoutTasksIsOpen) {
  const auto status = StatusOfOrder(HealthPicture(), Order());
  EXPECT_TRUE(status.canary_task.empty());
  EXPECT_FALSE(status.until.has_value());
  EXPECT_EQ(status.rest, Rest::kOpen);
}

TEST(GuardTasks, ALookIsAWindowThatWasCollectedInBothArms) {
  v1::HealthResult canary = TaskOf(v1::HEALTH_ARM_CANARY);
  v1::HealthResult control = TaskOf(v1::HEALTH_ARM_CONTROL);
  AddWindow(canary, 0, v1::HEALTH_WINDOW_STATE_COLLECTED);
  AddWindow(control, 0, v1::HEALTH_WINDOW_STATE_VERIFYING);
  auto status = StatusOfOrder(PictureOf(canary, control), Order());
  EXPECT_EQ(status.canary_task, "ca");
  EXPECT_EQ(status.control_task, "c0");
  EXPECT_TRUE(status.looks.empty());
  EXPECT_GT(*status.until, kBegin + 4 * kWindow);
  control.mutable_windows(0)->set_state(v1::HEALTH_WINDOW_STATE_COLLECTED);
  AddWindow(canary, 1, v1::HEALTH_WINDOW_STATE_COLLECTED);
  AddWindow(control, 1, v1::HEALTH_WINDOW_STATE_COLLECTED);
  status = StatusOfOrder(PictureOf(canary, control), Order());
  ASSERT_EQ(status.looks.size(), 2U);
  EXPECT_EQ(status.looks[0].ends, kBegin + kWindow);
  EXPECT_EQ(status.looks[0].canary.counts[1], 570);
  EXPECT_EQ(status.looks[1].canary.counts[1], 571);
  EXPECT_EQ(status.looks[1].canary.reports, 600U);
  EXPECT_EQ(status.rest, Rest::kNoMoreLooks);
}

TEST(GuardTasks, WindowsOfOtherHoursAreNotCompared) {
  v1::HealthResult canary = TaskOf(v1::HEALTH_ARM_CANARY);
  v1::HealthResult control = TaskOf(v1::HEALTH_ARM_CONTROL, kBegin + kWindow);
  for (const int window : {0, 1}) {
    AddWindow(canary, window, v1::HEALTH_WINDOW_STATE_COLLECTED);
    AddWindow(control, window, v1::HEALTH_WINDOW_STATE_COLLECTED);
  }
  EXPECT_EQ(StatusOfOrder(PictureOf(canary, control), Order()).looks.size(), 1U);
}

TEST(GuardTasks, SaysWhyAWindowIsLost) {
  v1::HealthResult canary = TaskOf(v1::HEALTH_ARM_CANARY);
  v1::HealthResult control = TaskOf(v1::HEALTH_ARM_CONTROL);
  AddWindow(canary, 0, v1::HEALTH_WINDOW_STATE_COLLECTED);
  AddWindow(control, 0, v1::HEALTH_WINDOW_STATE_TOO_FEW, "fewer than 100 distinct devices");
  const auto status = StatusOfOrder(PictureOf(canary, control), Order());
  EXPECT_THAT(status.trouble, HasSubstr("the control arm: fewer than 100"));
  EXPECT_EQ(status.rest, Rest::kOpen) << "the second window is to come";
}

HealthOffer OfferOf(schema::MetricId metric, char release, const std::string& guards = "") {
  HealthOffer offer;
  offer.task = "ca";
  offer.release = *Digest::FromBytes(AsBytes(std::string(Digest::kSize, release)));
  offer.kind = dap::TaskKind::kReal;
  offer.metric = static_cast<std::uint32_t>(metric);
  offer.guards = guards;
  return offer;
}

TEST(Concern, AGatesTaskIsForTheDevicesOfItsArmAlone) {
  v1::Device device;
  device.add_lines()->mutable_current()->set_sha256(std::string(Digest::kSize, '2'));
  DeviceConcern concern = ConcernOf(device);
  const HealthOffer gate = OfferOf(schema::MetricId::kGateVerdict, '2', "v2/canary");
  EXPECT_TRUE(Concerns(OfferOf(schema::MetricId::kGateVerdict, '2'), concern));
  EXPECT_FALSE(Concerns(gate, concern));
  concern.guarded = {"ca"};
  EXPECT_TRUE(Concerns(gate, concern));
}

TEST(Concern, TheVerdictOnAReleaseIsAlsoForThoseThatGaveItUp) {
  v1::Device device;
  device.add_lines()->mutable_current()->set_sha256(std::string(Digest::kSize, '1'));
  device.mutable_lines(0)->add_marked_bad_sha256(std::string(Digest::kSize, '2'));
  const DeviceConcern concern = ConcernOf(device);
  EXPECT_TRUE(Concerns(OfferOf(schema::MetricId::kGateVerdict, '2'), concern));
  EXPECT_FALSE(Concerns(OfferOf(schema::MetricId::kTtftP95, '2'), concern));
  EXPECT_FALSE(Concerns(OfferOf(schema::MetricId::kGateVerdict, '3'), concern));
}

}  // namespace
}  // namespace flotilla::controller
