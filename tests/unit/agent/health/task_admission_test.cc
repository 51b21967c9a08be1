#include "agent/health/task_admission.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/agent/health/health_fleet.h"

namespace flotilla::agent {
namespace {

using dap::TaskConfiguration;
using schema::MetricId;
using testing::HasSubstr;

constexpr Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr Duration kDays = absl::Hours(24);
const Digest kRelease = ReleaseOf(1);

TaskConfiguration Gate() {
  return TaskOf(MetricId::kGateVerdict, kRelease, absl::Hours(6), kNow);
}
TaskConfiguration Weekly() {
  return TaskOf(MetricId::kTtftP95, kRelease, 7 * kDays, kNow);
}
TaskConfiguration Monthly() {
  return TaskOf(MetricId::kTtftP95, kRelease, 30 * kDays, kNow);
}
TaskConfiguration Demo() {
  return DemoOf(MetricId::kTtftP95, kRelease, absl::Seconds(10), kNow);
}

std::string RefusalOf(const TaskConfiguration& task, const OwnersRules& rules = AllowAll()) {
  return Admit(task.Encode(), rules, kNow).refusal;
}

TEST(TaskAdmission, AnswersWhatEveryTierAsks) {
  EXPECT_EQ("", RefusalOf(Gate()));
  EXPECT_EQ("", RefusalOf(Weekly()));
  EXPECT_EQ("", RefusalOf(Monthly()));
  EXPECT_EQ("", RefusalOf(Demo()));
}

struct Bend {
  const char* name;
  TaskConfiguration (*of)();
  std::function<void(TaskConfiguration&)> bend;
  const char* said;
};

class TaskAdmissionRefuses : public testing::TestWithParam<Bend> {};

TEST_P(TaskAdmissionRefuses, Task) {
  TaskConfiguration task = GetParam().of();
  GetParam().bend(task);
  const AdmittedTask admitted = Admit(task.Encode(), AllowAll(), kNow);
  EXPECT_THAT(admitted.refusal, HasSubstr(GetParam().said));
}

void Looks(TaskConfiguration& task, std::uint32_t looks) {
  task.noise.looks = looks;
  task.interval.duration = task.window * looks;
}

INSTANTIATE_TEST_SUITE_P(
    Bends, TaskAdmissionRefuses,
    testing::Values(
        Bend{"GateOfMoreEpsilon", Gate,
             [](auto& task) {
               task.noise.parameter = {3, 2};
             },
             "gate"},
        Bend{"GateOfThreeLooks", Gate, [](auto& task) { Looks(task, 3); }, "gate"},
        Bend{"GateOfGauss", Gate,
             [](auto& task) {
               task.noise = {dp::Mechanism::kDiscreteGaussian, {50, 1}, 2};
             },
             "gate"},
        Bend{"MonthlyOfMoreEpsilon", Monthly,
             [](auto& task) {
               task.noise.parameter = {51, 100};
             },
             "noise is weaker"},
        Bend{"LaplaceEveryWeek", Weekly,
             [](auto& task) {
               task.noise = {dp::Mechanism::kDiscreteLaplace, {1, 2}, 2};
             },
             "noise is weaker"},
        Bend{"WeeklyOfLessSigma", Weekly,
             [](auto& task) {
               task.noise.parameter = {199, 10};
             },
             "noise is weaker"},
        Bend{"DailyGauss", Weekly,
             [](auto& task) {
               task.window = 24;
               task.interval.start =
                   static_cast<std::uint64_t>(absl::ToUnixSeconds(kNow)) / 86400 * 24;
               Looks(task, 2);
             },
             "noise is weaker"},
        Bend{"DemoOfMoreEpsilon", Demo,
             [](auto& task) {
               task.noise.parameter = {2, 1};
             },
             "noise"},
        Bend{"DemoOfFiveLooks", Demo, [](auto& task) { Looks(task, 5); }, "noise"},
        Bend{"SmallBatch", Gate, [](auto& task) { task.min_batch_size = 99; }, "100 devices"},
        Bend{"OtherSchema", Gate, [](auto& task) { task.cohort.schema_version = 9; },
             "schema version 9"},
        Bend{"UnknownMetric", Gate, [](auto& task) { task.cohort.metric = 99; }, "does not know"},
        Bend{"OtherBuckets", Gate, [](auto& task) { task.cohort.metric = 2; }, "does not know"},
        Bend{"HardwareClass", Gate, [](auto& task) { task.cohort.hardware_class = 1; }, "hardware"},
        Bend{"OneAggregator", Gate, [](auto& task) { task.helper_endpoint = task.leader_endpoint; },
             "two addresses"},
        Bend{"NoPort", Gate, [](auto& task) { task.helper_endpoint = "helper.example"; },
             "two addresses"},
        Bend{"OwnWindows", Gate, [](auto& task) { task.interval.start += 1; }, "windows"},
        Bend{"Over", Gate, [](auto& task) { task.interval.start -= 12; }, "over"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(TaskAdmission, TheOwnerHasTheLastWord) {
  OwnersRules rules = AllowAll();
  rules.demo = DemoTasks::kRefuse;
  EXPECT_THAT(RefusalOf(Demo(), rules), HasSubstr("demonstration"));
  EXPECT_EQ("", RefusalOf(Gate(), rules));
  rules.switches = rules.switches.With(MetricId::kTtftP95, schema::Switch::kOff);
  EXPECT_THAT(RefusalOf(Weekly(), rules), HasSubstr("switched this metric off"));
  rules.switches = schema::MetricSwitches::AllOff();
  EXPECT_THAT(RefusalOf(Gate(), rules), HasSubstr("switched this metric off"));
  EXPECT_THAT(RefusalOf(Gate(), OwnersRules()), HasSubstr("switched"));
}

TEST(TaskAdmission, WhatDoesNotDecodeIsRefusedBeforeItIsUnderstood) {
  Bytes encoded = Gate().Encode();
  encoded.pop_back();
  EXPECT_EQ(nullptr, Admit(encoded, AllowAll(), kNow).task);
  EXPECT_NE("", Admit(encoded, AllowAll(), kNow).refusal);
  EXPECT_THAT(Admit(Bytes(5000), AllowAll(), kNow).refusal, HasSubstr("too long"));
}

TEST(TaskAdmission, TakesSixtyFourTasksAndEachOnce) {
  const HealthFleet fleet(kNow);
  std::vector<TaskConfiguration> tasks;
  for (std::uint8_t i = 1; i <= 100; ++i) {
    TaskConfiguration task = Gate();
    task.task_info = {i};
    tasks.push_back(task);
    tasks.push_back(task);
  }
  EXPECT_EQ(kMaxHealthTasks, AdmitAll(fleet.Answer(tasks), AllowAll(), kNow).size());
}

class SealingKeysTest : public testing::Test {
 protected:
  Status Take(Time now = kNow) {
    return TakeSealingKeys(answer_, fleet_.helper_identity(), now).status();
  }

  HealthFleet fleet_{kNow};
  HealthFleet thief_{kNow};
  v1::GetHealthTasksResponse answer_ = fleet_.Answer({});
};

TEST_F(SealingKeysTest, TakesKeysOfThePinnedHelperAndTheToldLeader) {
  ASSERT_TRUE(Take().ok()) << Take();
  const SealingKeys keys = fleet_.Keys(kNow);
  EXPECT_EQ(1, keys.leader.id);
  EXPECT_EQ(2, keys.helper.id);
  EXPECT_GT(keys.expires, kNow + 70 * kDays);
}

TEST_F(SealingKeysTest, AnExchangedHelperKeyIsRefused) {
  answer_.set_helper_hpke_configs(thief_.helper_configs);
  EXPECT_EQ(StatusCode::kPermissionDenied, Take().code());
  EXPECT_THAT(MessageOf(Take()), HasSubstr("helper"));
}

TEST_F(SealingKeysTest, AKeyOfTheOtherRoleIsRefused) {
  answer_.set_helper_hpke_configs(answer_.leader_hpke_configs());
  EXPECT_FALSE(Take().ok());
}

TEST_F(SealingKeysTest, LeaderKeysOfAnotherIdentityAreRefused) {
  answer_.set_leader_hpke_configs(thief_.leader_configs);
  EXPECT_EQ(StatusCode::kPermissionDenied, Take().code());
  EXPECT_THAT(MessageOf(Take()), HasSubstr("leader"));
}

TEST_F(SealingKeysTest, ALeaderIdentityThatIsNoEd25519KeyIsRefused) {
  const auto ecdsa = security::KeyPair::Generate(security::KeyKind::kEcdsaP256);
  answer_.set_leader_identity(ToText((*ecdsa)->public_key().spki_der()));
  EXPECT_EQ(StatusCode::kInvalidArgument, Take().code());
  answer_.set_leader_identity(std::string(44, 'x'));
  EXPECT_EQ(StatusCode::kInvalidArgument, Take().code());
  answer_.clear_leader_identity();
  EXPECT_EQ(StatusCode::kInvalidArgument, Take().code());
}

TEST_F(SealingKeysTest, ExpiredKeysAreRefused) {
  EXPECT_EQ(StatusCode::kFailedPrecondition, Take(kNow + 100 * kDays).code());
  EXPECT_EQ(StatusCode::kFailedPrecondition, Take(kNow - 2 * kDays).code());
}

}  // namespace
}  // namespace flotilla::agent
