#include "fleetctl/sim/sim_batch.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "controller/rollout/rollout_spec.h"
#include "fleetctl/sim/sim_flags.h"

namespace flotilla::fleetctl {
namespace {

using rollout::SimEnd;

SimBatch Small(double rate) {
  SimBatch batch;
  batch.model.devices = 400;
  batch.model.sites = 20;
  batch.model.release_failures = rate;
  batch.spec = DefaultSimSpec(400, 0, absl::Minutes(10));
  batch.runs = 6;
  return batch;
}

TEST(SimBatch, GivesTheSameAnswerWhateverTheThreads) {
  SimBatch batch = Small(0.04);
  const auto one = RunBatch(batch, nullptr);
  batch.jobs = 3;
  const auto three = RunBatch(batch, nullptr);
  ASSERT_TRUE(one.ok() && three.ok());
  EXPECT_EQ(one->causes, three->causes);
  EXPECT_EQ(one->exposed.mean, three->exposed.mean);
  EXPECT_EQ(one->reports, three->reports);
}

TEST(SimBatch, TellsHowFarItIs) {
  std::uint32_t last = 0;
  std::uint32_t calls = 0;
  const auto summary = RunBatch(Small(0), [&](std::uint32_t done) {
    last = done;
    ++calls;
  });
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(last, 6U);
  EXPECT_EQ(calls, 6U);
  EXPECT_EQ(summary->Share(SimEnd::kCompleted), 100);
  EXPECT_EQ(summary->exposed.mean, 400);
}

TEST(SimBatch, AnAARolloutTeachesTheJudgeTheFleetsOwnTrouble) {
  SimBatch batch = Small(0.5);
  batch.model.background = 0.04;
  const auto learnt = CalibrateBatch(batch);
  ASSERT_TRUE(learnt.ok()) << learnt.status();
  EXPECT_GT(learnt->p0, 0.02) << "the release's own failures are not in it";
  EXPECT_LT(learnt->p0, 0.12);
}

TEST(SimFlags, MakeARowForEachFleetAndRate) {
  SimFlags flags;
  flags.devices = {100, 2'000};
  flags.rates = {"1%", "0.05"};
  flags.p0 = "2%";
  flags.p1 = "6%";
  flags.outages = {"network@1h+1h"};
  const auto rows = RowsOf(flags);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 4U);
  EXPECT_EQ((*rows)[3].batch.model.devices, 2'000U);
  EXPECT_NEAR((*rows)[3].batch.model.release_failures, 0.05, 1e-12);
  EXPECT_NEAR((*rows)[0].batch.spec.strategy().judge().p0(), 0.02, 1e-12);
  EXPECT_EQ((*rows)[0].batch.model.outages.size(), 1U);
}

TEST(SimFlags, NameWhatIsWrong) {
  for (const auto& [change, name] :
       {std::pair<void (*)(SimFlags&), const char*>{[](SimFlags& f) { f.rates = {"x"}; }, "--rate"},
        {[](SimFlags& f) { f.offline = "half"; }, "--offline"},
        {[](SimFlags& f) { f.trial = "soon"; }, "--trial"},
        {[](SimFlags& f) { f.runs = 0; }, "--runs"},
        {[](SimFlags& f) { f.devices = {0}; }, "devices"},
        {[](SimFlags& f) { f.outages = {"moon@1h+1h"}; }, "outage"},
        {[](SimFlags& f) { f.p0 = "9%"; }, "p0"}}) {
    SimFlags flags;
    change(flags);
    const auto rows = RowsOf(flags);
    EXPECT_EQ(rows.status().code(), StatusCode::kInvalidArgument) << name;
    EXPECT_NE(rows.status().ToString().find(name), std::string::npos) << rows.status();
  }
}

TEST(DefaultSimSpec, IsOneThatTheControllerTakes) {
  for (const std::uint32_t devices : {1U, 100U, 1'000U, 10'000U, 100'000U}) {
    const v1::RolloutSpec spec = DefaultSimSpec(devices, 0, absl::Hours(1));
    EXPECT_TRUE(rollout::CheckSpec(spec).ok()) << devices;
  }
  const v1::RolloutSpec spec = DefaultSimSpec(10'000, 0, absl::Hours(1));
  EXPECT_EQ(spec.strategy().waves(0).count(), 100U);
  EXPECT_EQ(spec.strategy().waves(1).count(), 500U);
  EXPECT_EQ(spec.strategy().waves(3).count(), 5'000U);
  EXPECT_EQ(spec.delivery().max_in_flight(), 50U);
}

}  // namespace
}  // namespace flotilla::fleetctl
