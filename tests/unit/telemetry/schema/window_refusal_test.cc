#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "absl/time/time.h"

#include "base/status.h"
#include "base/time.h"
#include "telemetry/schema/metric.h"
#include "telemetry/schema/metric_switches.h"
#include "telemetry/schema/verdicts.h"
#include "telemetry/schema/window.h"
#include "telemetry/schema/window_events.h"

namespace flotilla::schema {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Duration kSecond = absl::Seconds(1);

std::vector<std::optional<std::uint32_t>> Buckets(const Window& window) {
  std::vector<std::optional<std::uint32_t>> buckets;
  for (const Vote& vote :
       window.Reduce(MetricSwitches::AsInTheTable().With(MetricId::kUsageBand, Switch::kOn))) {
    buckets.push_back(vote.bucket);
  }
  return buckets;
}

struct Case {
  std::string what;
  std::function<Status(Window&)> event;
};

RequestFinished Sound() {
  return {.time_to_first_token = kSecond,
          .whole = 3 * kSecond,
          .decoded_tokens = 9,
          .decode_time = kSecond,
          .tokens = 10};
}

Case WrongRequest(const std::string& what, const std::function<void(RequestFinished&)>& edit) {
  RequestFinished request = Sound();
  edit(request);
  return {"request: " + what, [request](Window& window) { return window.OnRequest(request); }};
}

std::vector<Case> WrongRequests() {
  using R = RequestFinished;
  return {
      WrongRequest("negative first token", [](R& r) { r.time_to_first_token = -kSecond; }),
      WrongRequest("first token after the end", [](R& r) { r.time_to_first_token = 4 * kSecond; }),
      WrongRequest("infinite first token",
                   [](R& r) { r.time_to_first_token = absl::InfiniteDuration(); }),
      WrongRequest("negative whole", [](R& r) { r.whole = -kSecond; }),
      WrongRequest("infinite whole", [](R& r) { r.whole = absl::InfiniteDuration(); }),
      WrongRequest("a whole of over a year", [](R& r) { r.whole = absl::Hours(367 * 24); }),
      WrongRequest("negative decode time", [](R& r) { r.decode_time = -kSecond; }),
      WrongRequest("infinite decode time", [](R& r) { r.decode_time = absl::InfiniteDuration(); }),
      WrongRequest("more decoded than made", [](R& r) { r.decoded_tokens = 11; }),
  };
}

std::vector<Case> WrongSamples() {
  std::vector<Case> cases = {
      {"no memory budget",
       [](Window& w) { return w.OnMemory({.resident_bytes = 1, .budget_bytes = 0}); }},
      {"more throttled than busy",
       [](Window& w) { return w.OnBusyTime({.busy = kSecond, .throttled = 2 * kSecond}); }},
      {"negative busy",
       [](Window& w) { return w.OnBusyTime({.busy = -kSecond, .throttled = Duration()}); }},
      {"negative throttled",
       [](Window& w) { return w.OnBusyTime({.busy = kSecond, .throttled = -kSecond}); }},
      {"infinite busy",
       [](Window& w) {
         return w.OnBusyTime({.busy = absl::InfiniteDuration(), .throttled = Duration()});
       }},
      {"no crash", [](Window& w) { return w.OnCrash(CrashClass::kNone); }},
      {"a crash of no class", [](Window& w) { return w.OnCrash(static_cast<CrashClass>(10)); }},
      {"no outcome", [](Window& w) { return w.OnOutcome(Outcome::kUnspecified); }},
  };
  for (const double value : {kNan, kInfinity, -kInfinity, -61.0, 201.0, 65535.0}) {
    cases.push_back({"temperature " + std::to_string(value),
                     [value](Window& w) { return w.OnTemperature(value); }});
  }
  for (const double value : {kNan, kInfinity, -kInfinity, -1e-9, 1.1e9}) {
    cases.push_back(
        {"energy " + std::to_string(value), [value](Window& w) { return w.OnEnergy(value); }});
  }
  return cases;
}

void ExpectAllRefused(const std::vector<Case>& cases) {
  Window used;
  ASSERT_TRUE(used.OnRequest(Sound()).ok());
  ASSERT_TRUE(used.OnTemperature(50).ok());
  ASSERT_TRUE(used.OnEnergy(3).ok());
  for (const Window& start : {Window(), used}) {
    const auto before = Buckets(start);
    for (const Case& one : cases) {
      Window window = start;
      EXPECT_EQ(one.event(window).code(), StatusCode::kInvalidArgument) << one.what;
      EXPECT_EQ(Buckets(window), before) << one.what;
      EXPECT_EQ(window.Health().requests, start.Health().requests) << one.what;
    }
  }
}

TEST(WindowRefusal, OfARequestThatCannotBeLeavesTheWindowAsItWas) {
  ExpectAllRefused(WrongRequests());
}

TEST(WindowRefusal, OfASampleThatCannotBeLeavesTheWindowAsItWas) {
  ExpectAllRefused(WrongSamples());
}

TEST(WindowRefusal, IsNotForLimitsThemselves) {
  Window window;
  EXPECT_TRUE(window.OnRequest({.time_to_first_token = Duration(), .whole = Duration()}).ok());
  EXPECT_TRUE(
      window.OnRequest({.time_to_first_token = std::nullopt, .whole = absl::Hours(366 * 24)}).ok());
  EXPECT_TRUE(window.OnTemperature(-60).ok());
  EXPECT_TRUE(window.OnTemperature(200).ok());
  EXPECT_TRUE(window.OnEnergy(0).ok());
  EXPECT_TRUE(window.OnEnergy(1e9).ok());
  EXPECT_TRUE(window.OnBusyTime({.busy = kSecond, .throttled = kSecond}).ok());
  EXPECT_TRUE(window
                  .OnMemory({.resident_bytes = std::numeric_limits<std::uint64_t>::max(),
                             .budget_bytes = 1})
                  .ok());
}

}  // namespace
}  // namespace flotilla::schema
