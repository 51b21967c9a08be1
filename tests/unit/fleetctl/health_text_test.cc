#include "fleetctl/health/health_text.h"

#include <gtest/gtest.h>

namespace flotilla::fleetctl {
namespace {

v1::HealthResult Result() {
  v1::HealthResult result;
  v1::HealthTask& task = *result.mutable_task();
  task.set_id("0123456789abcdef");
  task.set_metric("crash_count");
  task.set_line("pump");
  task.set_release("2.0.0");
  task.set_arm(v1::HEALTH_ARM_FLEET);
  task.set_noise("discrete Laplace, epsilon 1");
  task.set_epsilon(1);
  task.set_minimum_batch(100);
  task.set_independent(true);
  task.set_helper_operator("Site IT");
  v1::HealthWindow& window = *result.add_windows();
  window.set_state(v1::HEALTH_WINDOW_STATE_COLLECTED);
  window.set_reports(120);
  window.set_interval_95(8);
  for (const auto& [label, count] : {std::pair{"< 1", 110}, std::pair{"1 to < 2", -3}}) {
    v1::HealthBucket& bucket = *window.add_buckets();
    bucket.set_label(label);
    bucket.set_count(count);
  }
  return result;
}

TEST(HealthText, ShowsCountsWithTheirIntervalsAndWhatTheyCost) {
  EXPECT_EQ(
      HealthText(Result()),
      "crash_count  pump 2.0.0  arm fleet  task 0123456789ab\n"
      "  window  to , 120 devices (minimum 100)\n"
      "  < 1           110  [102, 118]  ########################################\n"
      "  1 to < 2       -3  [0, 5]      \n"
      "  Each true count is within 8 of the one shown, with a probability of 95 %: the range "
      "in brackets.\n"
      "  Noise: discrete Laplace, epsilon 1; a device pays epsilon 1, delta 0 for all windows "
      "of the task.\n"
      "  The two aggregators are independent (helper: Site IT).\n");
}

TEST(HealthText, SaysNotIndependentWhenOneOrganisationRunsBoth) {
  v1::HealthResult result = Result();
  result.mutable_task()->set_independent(false);
  result.mutable_task()->clear_helper_operator();
  EXPECT_NE(HealthText(result).find("The two aggregators are not independent: one organisation "
                                    "runs both."),
            std::string::npos);
}

TEST(HealthText, SaysWhyNothingIsShown) {
  v1::HealthResult result = Result();
  result.mutable_windows(0)->Clear();
  result.mutable_windows(0)->set_state(v1::HEALTH_WINDOW_STATE_TOO_FEW);
  result.mutable_windows(0)->set_reason("fewer than 100 distinct devices reported");
  const std::string text = HealthText(result);
  EXPECT_NE(text.find("too few: fewer than 100 distinct devices reported"), std::string::npos);
  EXPECT_EQ(text.find("Noise"), std::string::npos);
  v1::ListHealthResponse none;
  none.set_reason("this fleet has no helper");
  EXPECT_EQ(HealthListText(none), "No health: this fleet has no helper\n");
}

TEST(HealthText, MarksADemonstration) {
  v1::HealthResult result = Result();
  result.mutable_task()->set_demo(true);
  EXPECT_NE(HealthText(result).find("DEMONSTRATION: simulated reporters"), std::string::npos);
}

}  // namespace
}  // namespace flotilla::fleetctl
