#ifndef FLOTILLA_AGENT_ENGINE_ENGINE_HEALTH_SINK_H_
#define FLOTILLA_AGENT_ENGINE_ENGINE_HEALTH_SINK_H_

#include <string_view>

#include "base/digest.h"
#include "base/time.h"
#include "telemetry/schema/gate_verdict.h"
#include "telemetry/schema/verdicts.h"
#include "telemetry/schema/window_events.h"

namespace flotilla::agent {

// Port: what happens to the engines of a line, in numbers and enumerations; it stays on the device.
// Called on the agent's loop by the engine supervisor and the update director, in the order in
// which it happened; must not block and must not call them back. Numbers are as the engine told
// them: schema::Window refuses what is no measurement. Real: HealthSampler. Fake:
// RecordingHealthSink (tests/support).
//
// A line is told of with OnRelease and kServing first: until it is told of another release, or that
// this one was given up, all that comes is of this release. What an engine of another one still
// does while it is replaced or drains is told to nobody.
class EngineHealthSink {
 public:
  virtual ~EngineHealthSink() = default;
  // One request was answered to its end. Failed, refused and abandoned ones are not told.
  virtual void OnRequest(std::string_view line, const schema::RequestFinished& request) = 0;
  // The local application marked one of those answers.
  virtual void OnOutcome(std::string_view line, schema::Outcome outcome) = 0;
  // About once a second while an engine serves.
  virtual void OnMemory(std::string_view line, const schema::MemorySample& sample) = 0;
  // An engine ended that should not have, or could not be started. Never kNone.
  virtual void OnCrash(std::string_view line, schema::CrashClass crash) = 0;
  // So long the engine had a request under way since it was told last; about once a second, never
  // zero.
  virtual void OnBusy(std::string_view line, Duration busy) = 0;
  // `release` is the digest of the release's document. kServing: the line is committed to it, and
  // its engine starts or serves already; told again after each start of the agent. kGaveUp: the
  // device gave it up (states 310, 315, 320 of a deployment). Was the line committed to it, then
  // kServing of the one it went back to comes next, or nothing when there is none; was it not (it
  // failed its self-test), the line goes on as before.
  virtual void OnRelease(std::string_view line, const Digest& release,
                         schema::ReleaseFate fate) = 0;

 protected:
  EngineHealthSink() = default;
  EngineHealthSink(const EngineHealthSink&) = default;
  EngineHealthSink& operator=(const EngineHealthSink&) = default;
};

// Nobody listens.
class NullHealthSink final : public EngineHealthSink {
 public:
  void OnRequest(std::string_view /*line*/, const schema::RequestFinished& /*request*/) override {}
  void OnOutcome(std::string_view /*line*/, schema::Outcome /*outcome*/) override {}
  void OnMemory(std::string_view /*line*/, const schema::MemorySample& /*sample*/) override {}
  void OnCrash(std::string_view /*line*/, schema::CrashClass /*crash*/) override {}
  void OnBusy(std::string_view /*line*/, Duration /*busy*/) override {}
  void OnRelease(std::string_view /*line*/, const Digest& /*release*/,
                 schema::ReleaseFate /*fate*/) override {}
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_ENGINE_HEALTH_SINK_H_
