#ifndef FLOTILLA_AGENT_ENGINE_LINE_HEALTH_H_
#define FLOTILLA_AGENT_ENGINE_LINE_HEALTH_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "flotilla/v1/engine.pb.h"

#include "agent/engine/crash_class.h"
#include "agent/engine/engine_child.h"
#include "agent/engine/engine_health_sink.h"
#include "agent/engine/engine_health_tap.h"
#include "agent/engine/line_machine.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/schema/window_events.h"

namespace flotilla::agent {

// Turns what the engines of one line tell and how they end into calls of an EngineHealthSink, for
// the release that the line is committed to; what engines of another do is left out. An end that
// the agent asked for is no crash. Lives on the agent's loop.
class LineHealth {
 public:
  // What `tap` points at must outlive it.
  LineHealth(std::string line, const EngineHealthTap& tap);

  // The digest of a release's document, 32 bytes; empty: the line is committed to none.
  void Commit(const std::string& release_sha256) { release_ = release_sha256; }

  void OnStarted(std::uint64_t id, const std::string& release_sha256, int pid);
  void OnStartFailed(const std::string& release_sha256, const Status& status);
  void OnEvent(std::uint64_t id, const v1::EngineEvent& event);
  void OnDrainAsked(std::uint64_t id);
  void OnKilled(std::uint64_t id, KillCause cause);
  void OnExited(std::uint64_t id, const EngineExit& exit);

 private:
  enum class Ending { kUnspecified = 0, kNotAsked, kAsked, kOverdue };
  struct Engine {
    std::string release;
    int pid = 0;
    EngineProgress progress = EngineProgress::kLoading;
    Ending ending = Ending::kNotAsked;
    v1::FailureReason failure = v1::FAILURE_REASON_UNSPECIFIED;
    std::uint64_t busy_us = 0;
    // As of its last event.
    std::optional<std::uint64_t> memory_kills;
  };

  Engine* Find(std::uint64_t id);
  bool IsTold(const std::string& release) const { return !release_.empty() && release == release_; }
  void Take(Engine& engine, const v1::EngineEvent& event);
  void Tell(const Engine& engine, const v1::EngineEvent& event);
  void OnStats(const Engine& engine, const v1::EngineStats& stats);
  std::optional<std::uint64_t> MemoryKillsNow() const;

  const std::string line_;
  const EngineHealthTap tap_;
  std::string release_;
  std::map<std::uint64_t, Engine> engines_;
};

// As the sink wants it. Numbers beyond what a duration holds are infinite. Pure.
schema::RequestFinished RequestOf(const v1::EngineRequestDone& done);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_LINE_HEALTH_H_
