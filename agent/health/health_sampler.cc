#include "agent/health/health_sampler.h"

#include <algorithm>

namespace flotilla::agent {

HealthSampler::HealthSampler(const Clock& clock, const ReleaseMemory& memory,
                             const KeptWindows& windows)
    : clock_(clock) {
  for (const auto& [name, line] : memory) {
    const auto kept = windows.find(name);
    lines_.emplace(name, LineHealth(line, kept == windows.end() ? LineWindows() : kept->second));
    for (const WindowMemory& window : line.windows) {
      lengths_.insert(window.length);
    }
  }
}

LineHealth* HealthSampler::Of(std::string_view line) {
  auto found = lines_.find(line);
  if (found == lines_.end()) {
    if (lines_.size() >= kMaxHealthLines) {
      return nullptr;
    }
    found = lines_.emplace(std::string(line), LineHealth()).first;
    found->second.Measure(lengths_, clock_.Now());
  }
  return &found->second;
}

void HealthSampler::Count(std::string_view line,
                          const std::function<Status(schema::Window&)>& event) {
  if (LineHealth* const health = Of(line); health != nullptr) {
    health->Count(clock_.Now(), event);
  }
}

void HealthSampler::OnRequest(std::string_view line, const schema::RequestFinished& request) {
  Count(line, [&](schema::Window& window) { return window.OnRequest(request); });
}

void HealthSampler::OnOutcome(std::string_view line, schema::Outcome outcome) {
  Count(line, [&](schema::Window& window) { return window.OnOutcome(outcome); });
}

void HealthSampler::OnMemory(std::string_view line, const schema::MemorySample& sample) {
  Count(line, [&](schema::Window& window) { return window.OnMemory(sample); });
}

void HealthSampler::OnCrash(std::string_view line, schema::CrashClass crash) {
  Count(line, [&](schema::Window& window) { return window.OnCrash(crash); });
}

void HealthSampler::OnBusy(std::string_view line, Duration busy) {
  if (busy > absl::ZeroDuration() && Of(line) != nullptr) {
    busy_[std::string(line)] += busy;
  }
}

void HealthSampler::OnRelease(std::string_view line, const Digest& release,
                              schema::ReleaseFate fate) {
  if (LineHealth* const health = Of(line); health != nullptr) {
    health->OnRelease(release, fate, clock_.Now());
  }
}

void HealthSampler::OnSensors(const SensorReading& reading) {
  if (reading.celsius.has_value()) {
    for (auto& [name, line] : lines_) {
      line.Count(clock_.Now(),
                 [&](schema::Window& window) { return window.OnTemperature(*reading.celsius); });
    }
  }
  SplitAmongBusy(reading);
  busy_.clear();
  last_reading_ = reading;
}

void HealthSampler::SplitAmongBusy(const SensorReading& reading) {
  Duration all_busy;
  for (const auto& [name, busy] : busy_) {
    all_busy += busy;
  }
  for (const auto& [name, busy] : busy_) {
    const double share = absl::FDivDuration(busy, all_busy);
    if (reading.joules_total.has_value() && last_reading_.joules_total.has_value()) {
      const double joules = (*reading.joules_total - *last_reading_.joules_total) * share;
      Count(name, [&](schema::Window& window) { return window.OnEnergy(joules); });
    }
    if (reading.throttled_total.has_value() && last_reading_.throttled_total.has_value()) {
      const Duration throttled =
          (*reading.throttled_total - *last_reading_.throttled_total) * share;
      const schema::BusyTime time{busy, std::clamp(throttled, absl::ZeroDuration(), busy)};
      Count(name, [&](schema::Window& window) { return window.OnBusyTime(time); });
    }
  }
}

void HealthSampler::Measure(const std::set<Duration>& lengths) {
  lengths_ = lengths;
  for (auto& [name, line] : lines_) {
    line.Measure(lengths_, clock_.Now());
  }
}

std::vector<HealthSampler::EndedWindow> HealthSampler::TakeEnded() {
  std::vector<EndedWindow> ended;
  for (auto& [name, line] : lines_) {
    line.Roll(clock_.Now());
    for (const LineWindow& window : line.TakeEnded()) {
      ended.push_back({name, window});
    }
  }
  return ended;
}

const std::string* HealthSampler::LineOf(const dap::Cohort& cohort) const {
  const auto metric = static_cast<schema::MetricId>(cohort.metric);
  const auto answers = [&](const auto& entry) {
    const LineHealth& line = entry.second;
    return !cohort.release.IsZero() &&
           (cohort.release == line.release() ||
            (metric == schema::MetricId::kGateVerdict && cohort.release == line.gave_up()));
  };
  const auto found = std::find_if(lines_.begin(), lines_.end(), answers);
  return found == lines_.end() ? nullptr : &found->first;
}

KeptWindows HealthSampler::Windows() const {
  KeptWindows windows;
  for (const auto& [name, line] : lines_) {
    windows.emplace(name, line.Windows());
  }
  return windows;
}

ReleaseMemory HealthSampler::Memory() const {
  ReleaseMemory memory;
  for (const auto& [name, line] : lines_) {
    memory.emplace(name, line.Memory());
  }
  return memory;
}

}  // namespace flotilla::agent
