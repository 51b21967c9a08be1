#ifndef FLOTILLA_TESTS_SUPPORT_RECORDING_HEALTH_SINK_H_
#define FLOTILLA_TESTS_SUPPORT_RECORDING_HEALTH_SINK_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/engine/engine_health_sink.h"

namespace flotilla::agent {

// EngineHealthSink that keeps what it was told, each kind in its order.
class RecordingHealthSink final : public EngineHealthSink {
 public:
  struct Release {
    std::string line;
    Digest release;
    schema::ReleaseFate fate = schema::ReleaseFate::kUnspecified;
  };

  void OnRequest(std::string_view line, const schema::RequestFinished& request) override {
    requests.emplace_back(line, request);
  }
  void OnOutcome(std::string_view line, schema::Outcome outcome) override {
    outcomes.emplace_back(line, outcome);
  }
  void OnMemory(std::string_view line, const schema::MemorySample& sample) override {
    memory.emplace_back(line, sample);
  }
  void OnCrash(std::string_view line, schema::CrashClass crash) override {
    crashes.emplace_back(line, crash);
  }
  void OnBusy(std::string_view line, Duration time) override { busy.emplace_back(line, time); }
  void OnRelease(std::string_view line, const Digest& release, schema::ReleaseFate fate) override {
    releases.push_back({std::string(line), release, fate});
  }

  std::vector<std::pair<std::string, schema::RequestFinished>> requests;
  std::vector<std::pair<std::string, schema::Outcome>> outcomes;
  std::vector<std::pair<std::string, schema::MemorySample>> memory;
  std::vector<std::pair<std::string, schema::CrashClass>> crashes;
  std::vector<std::pair<std::string, Duration>> busy;
  std::vector<Release> releases;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_RECORDING_HEALTH_SINK_H_
