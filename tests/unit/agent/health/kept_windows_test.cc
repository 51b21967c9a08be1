#include "agent/health/kept_windows.h"

#include <functional>

#include <gtest/gtest.h>

#include "agent/health/line_health.h"
#include "tests/unit/agent/health/reporter_device.h"

namespace flotilla::agent {
namespace {

schema::Window BusyWindow() {
  schema::Window window;
  schema::RequestFinished request;
  request.time_to_first_token = absl::Milliseconds(300);
  request.whole = absl::Seconds(2);
  request.decoded_tokens = 40;
  request.decode_time = absl::Seconds(1);
  request.tokens = 41;
  EXPECT_TRUE(window.OnRequest(request).ok());
  EXPECT_TRUE(window.OnMemory({713, 1000}).ok());
  EXPECT_TRUE(window.OnTemperature(62.5).ok());
  EXPECT_TRUE(window.OnBusyTime({absl::Seconds(2), absl::Seconds(1)}).ok());
  EXPECT_TRUE(window.OnCrash(schema::CrashClass::kOomKill).ok());
  EXPECT_TRUE(window.OnEnergy(12).ok());
  EXPECT_TRUE(window.OnOutcome(schema::Outcome::kSolved).ok());
  return window;
}

KeptWindows SomeWindows() {
  KeptWindows windows;
  windows["fan"] = {ReleaseOf(1), {{kHourLong, kStart, schema::Window()}}};
  windows["pump"] = {ReleaseOf(2), {{kHourLong, kStart, BusyWindow()}}};
  return windows;
}

TEST(KeptWindows, ReadsBackWhatWasWritten) {
  const Bytes bytes = EncodeKeptWindows(SomeWindows());
  const StatusOr<KeptWindows> read = DecodeKeptWindows(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(bytes, EncodeKeptWindows(*read));
  const KeptWindow& pump = read->at("pump").windows.at(0);
  EXPECT_EQ(ReleaseOf(2), read->at("pump").release);
  EXPECT_EQ(kStart, pump.start);
  const auto switches = schema::MetricSwitches::AsInTheTable();
  const schema::Votes wanted = BusyWindow().Reduce(switches);
  const schema::Votes votes = pump.window.Reduce(switches);
  for (std::size_t i = 0; i < votes.size(); ++i) {
    EXPECT_EQ(votes[i].bucket, wanted[i].bucket) << i;
  }
}

TEST(KeptWindows, AreOfOneSizeWhateverHappened) {
  KeptWindows idle = SomeWindows();
  idle["pump"].windows[0].window = schema::Window();
  EXPECT_EQ(EncodeKeptWindows(idle).size(), EncodeKeptWindows(SomeWindows()).size());
}

TEST(KeptWindows, HoldNothingFinerThanTheBuckets) {
  const auto kept = [](std::uint64_t resident, double celsius, double joules) {
    schema::Window window;
    EXPECT_TRUE(window.OnMemory({resident, 1000}).ok());
    EXPECT_TRUE(window.OnTemperature(celsius).ok());
    EXPECT_TRUE(window.OnEnergy(joules).ok());
    return EncodeKeptWindows({{"pump", {ReleaseOf(1), {{kHourLong, kStart, window}}}}});
  };
  EXPECT_EQ(kept(711, 61, 12.1), kept(749, 64.9, 12.9));
  EXPECT_NE(kept(711, 61, 12.1), kept(751, 61, 12.1));
  EXPECT_NE(kept(711, 61, 12.1), kept(711, 66, 12.1));
}

TEST(KeptWindows, RefusesEveryDamagedByte) {
  const Bytes bytes = EncodeKeptWindows(SomeWindows());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= 0x10;
    EXPECT_EQ(StatusCode::kDataLoss, DecodeKeptWindows(damaged).status().code()) << i;
    EXPECT_EQ(StatusCode::kDataLoss, DecodeKeptWindows(ByteView(bytes).first(i)).status().code());
  }
}

TEST(KeptWindows, ADamagedOrMissingFileBeginsAnew) {
  const TempDir dir;
  OsDurableFs fs;
  const auto file = dir.path() / "windows";
  EXPECT_TRUE(LoadKeptWindows(file).empty());
  ASSERT_TRUE(DurableWrite(fs, file, EncodeKeptWindows(SomeWindows())).ok());
  EXPECT_EQ(2U, LoadKeptWindows(file).size());
  ASSERT_TRUE(DurableWrite(fs, file, AsBytes("something else")).ok());
  EXPECT_TRUE(LoadKeptWindows(file).empty());
}

TEST(KeptWindows, CountsThatNoWindowHasAreRefused) {
  const schema::WindowState good = BusyWindow().State();
  EXPECT_TRUE(schema::Window::FromState(good).ok());
  const auto refused = [&](const std::function<void(schema::WindowState&)>& bend) {
    schema::WindowState state = good;
    bend(state);
    EXPECT_EQ(StatusCode::kInvalidArgument, schema::Window::FromState(state).status().code());
  };
  refused([](auto& state) { state.requests = 2; });
  refused([](auto& state) { state.whole[0] = ~std::uint64_t{0}; });
  refused([](auto& state) { state.ttft[3] = 9; });
  refused([](auto& state) { state.solved = 2; });
  refused([](auto& state) { state.oom_kills = 2; });
  refused([](auto& state) { state.worst_crash = schema::CrashClass::kNone; });
  refused([](auto& state) { state.worst_crash = static_cast<schema::CrashClass>(200); });
  refused([](auto& state) { state.throttled = absl::Seconds(3); });
  refused([](auto& state) { state.joules = -1; });
  refused([](auto& state) { state.memory_percent = 0.0 / 0.0; });
}

// What an agent does when it starts again.
LineHealth Again(const LineHealth& line) {
  const Bytes kept = EncodeKeptWindows({{"pump", line.Windows()}});
  return LineHealth(line.Memory(), DecodeKeptWindows(kept)->at("pump"));
}

LineHealth WithOneRequest() {
  LineHealth line;
  line.Measure({kHourLong, absl::Minutes(30)}, kStart);
  line.OnRelease(ReleaseOf(1), schema::ReleaseFate::kServing, kStart);
  schema::RequestFinished request;
  request.whole = absl::Seconds(1);
  line.Count(kStart + absl::Minutes(5),
             [&](schema::Window& window) { return window.OnRequest(request); });
  return line;
}

TEST(KeptWindows, ARestartGoesOnWithTheWindowThatRan) {
  LineHealth line = Again(WithOneRequest());
  const Time now = kStart + absl::Minutes(20);
  line.OnRelease(ReleaseOf(1), schema::ReleaseFate::kServing, now);
  line.Measure({kHourLong}, now);
  EXPECT_EQ(1U, line.Running(kHourLong)->window.Health().requests);
  line.Roll(kStart + kHourLong);
  const auto ended = line.TakeEnded();
  ASSERT_EQ(1U, ended.size());
  EXPECT_EQ(1U, ended[0].window.Health().requests);
}

TEST(KeptWindows, AnotherReleaseBeginsItsWindowsAnew) {
  const LineHealth before = WithOneRequest();
  LineMemory memory = before.Memory();
  memory.release = ReleaseOf(2);
  LineHealth line(memory, before.Windows());
  line.Measure({kHourLong}, kStart + absl::Minutes(20));
  EXPECT_EQ(0U, line.Running(kHourLong)->window.Health().requests);
}

TEST(KeptWindows, AClockThatWentBackThrowsTheWindowAway) {
  LineHealth line = Again(WithOneRequest());
  line.Measure({kHourLong}, kStart - absl::Minutes(20));
  EXPECT_EQ(0U, line.Running(kHourLong)->window.Health().requests);
}

std::uint64_t KeptRequests(const Device& device) {
  const HealthSampler again(device.executor, LoadReleaseMemory(ReleaseMemoryPath(device.dir())),
                            LoadKeptWindows(KeptWindowsPath(device.dir())));
  const auto window = again.lines().at("pump").Running(absl::Hours(6));
  return window.has_value() ? window->window.Health().requests : 0;
}

TEST(KeptWindows, ARestartLosesNoMoreThanAQuarterOfAnHourOfAWindow) {
  Shared shared;
  Device device(shared, {});
  device.Start();
  device.executor.Advance(absl::Minutes(1));
  schema::RequestFinished request;
  request.whole = absl::Seconds(1);
  device.sampler.OnRequest("pump", request);
  device.executor.Advance(absl::Minutes(10));
  EXPECT_EQ(0U, KeptRequests(device)) << "not yet";
  device.executor.Advance(absl::Minutes(5));
  EXPECT_EQ(1U, KeptRequests(device));
  device.sampler.OnRequest("pump", request);
  device.reporter->Stop();
  EXPECT_EQ(2U, KeptRequests(device));
}

TEST(KeptWindows, ShortWindowsAreNotWorthAWrite) {
  EXPECT_EQ(1U, WithOneRequest().Windows().windows.size());
}

}  // namespace
}  // namespace flotilla::agent
