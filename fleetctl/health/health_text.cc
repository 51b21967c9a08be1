#include "fleetctl/health/health_text.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"

#include "base/time.h"
#include "fleetctl/output/output.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::size_t kIdDigits = 12;
constexpr std::int64_t kBarWidth = 40;

std::string Lower(std::string text) {
  for (char& letter : text) {
    letter =
        letter == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return text;
}

std::string Padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : absl::StrCat(text, std::string(width - text.size(), ' '));
}

std::string PaddedLeft(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : absl::StrCat(std::string(width - text.size(), ' '), text);
}

std::string WindowLength(const v1::HealthTask& task) {
  return DurationText(absl::Seconds(task.window().seconds()));
}

std::string Heading(const v1::HealthTask& task) {
  return absl::StrCat(task.metric(), "  ", task.line(), " ", task.release(), "  arm ",
                      Lower(ShortName(v1::HealthArm_Name(task.arm()), "HEALTH_ARM_")), "  task ",
                      task.id().substr(0, kIdDigits),
                      task.demo() ? "  DEMONSTRATION: simulated reporters" : "", "\n");
}

std::string Span(const v1::HealthWindow& window) {
  return absl::StrCat("window ", TimeCell(window.begins_at()), " to ", TimeCell(window.ends_at()));
}

// Counts that the noise alone made negative are no devices.
std::string Range(std::int64_t count, double interval) {
  const auto reach = static_cast<std::int64_t>(interval);
  return absl::StrCat("[", std::max<std::int64_t>(count - reach, 0), ", ",
                      std::max<std::int64_t>(count + reach, 0), "]");
}

std::string Histogram(const v1::HealthWindow& window) {
  std::size_t label_width = 0;
  std::size_t range_width = 0;
  std::int64_t most = 1;
  for (const v1::HealthBucket& bucket : window.buckets()) {
    label_width = std::max(label_width, bucket.label().size());
    range_width = std::max(range_width, Range(bucket.count(), window.interval_95()).size());
    most = std::max(most, bucket.count());
  }
  std::string text;
  for (const v1::HealthBucket& bucket : window.buckets()) {
    const std::int64_t bar = std::max<std::int64_t>(bucket.count(), 0) * kBarWidth / most;
    absl::StrAppend(&text, "  ", Padded(bucket.label(), label_width), "  ",
                    PaddedLeft(absl::StrCat(bucket.count()), 7), "  ",
                    Padded(Range(bucket.count(), window.interval_95()), range_width), "  ",
                    std::string(static_cast<std::size_t>(bar), '#'), "\n");
  }
  return text;
}

std::string Collected(const v1::HealthTask& task, const v1::HealthWindow& window) {
  return absl::StrCat(
      "  ", Span(window), ", ", window.reports(), " devices (minimum ", task.minimum_batch(), ")\n",
      Histogram(window), "  Each true count is within ", window.interval_95(),
      " of the one shown, with a probability of 95 %: the range in brackets.\n  Noise: ",
      task.noise(), "; a device pays epsilon ", task.epsilon(), ", delta ", task.delta(),
      " for all windows of the task.\n");
}

std::string Waiting(const v1::HealthWindow& window) {
  const std::string state =
      Lower(ShortName(v1::HealthWindowState_Name(window.state()), "HEALTH_WINDOW_STATE_"));
  return absl::StrCat("  ", Span(window), ": ", state, window.reason().empty() ? "" : ": ",
                      window.reason(), "\n");
}

}  // namespace

std::string IndependenceText(const v1::HealthTask& task) {
  const std::string who = task.helper_operator().empty()
                              ? std::string()
                              : absl::StrCat(" (helper: ", task.helper_operator(), ")");
  return task.independent()
             ? absl::StrCat("The two aggregators are independent", who, ".")
             : absl::StrCat("The two aggregators are not independent: one organisation runs both",
                            who, ".");
}

std::string HealthText(const v1::HealthResult& result) {
  std::string text = Heading(result.task());
  for (const v1::HealthWindow& window : result.windows()) {
    if (window.state() == v1::HEALTH_WINDOW_STATE_COLLECTED) {
      absl::StrAppend(&text, Collected(result.task(), window));
      break;
    }
    absl::StrAppend(&text, Waiting(window));
  }
  absl::StrAppend(&text, "  ", IndependenceText(result.task()), "\n");
  return text;
}

std::string HealthListText(const v1::ListHealthResponse& response) {
  if (response.results().empty()) {
    return absl::StrCat("No health: ", response.reason(), "\n");
  }
  std::string text;
  for (const v1::HealthResult& result : response.results()) {
    absl::StrAppend(&text, HealthText(result), "\n");
  }
  absl::StrAppend(&text, response.promise(), response.promise().empty() ? "" : "\n");
  return text;
}

std::string AskedText(const v1::HealthTask& task) {
  return absl::StrCat(Heading(task), "  Windows of ", WindowLength(task), ", the first from ",
                      TimeCell(task.begins_at()), ", the last until ", TimeCell(task.ends_at()),
                      ".\n  Devices report on a window during the next one; its result comes after "
                      "that.\n  Noise: ",
                      task.noise(), "; a device pays epsilon ", task.epsilon(), ", delta ",
                      task.delta(), ".\n  ", IndependenceText(task),
                      "\n  See it: fleetctl health show --task ", task.id().substr(0, kIdDigits),
                      "\n");
}

}  // namespace flotilla::fleetctl
