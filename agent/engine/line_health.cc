#include "agent/engine/line_health.h"

#include <limits>
#include <utility>

namespace flotilla::agent {
namespace {

Duration Micros(std::uint64_t micros) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return micros > kMost ? absl::InfiniteDuration()
                        : absl::Microseconds(static_cast<std::int64_t>(micros));
}

}  // namespace

schema::RequestFinished RequestOf(const v1::EngineRequestDone& done) {
  schema::RequestFinished request;
  if (done.time_to_first_token_us() != 0) {
    request.time_to_first_token = Micros(done.time_to_first_token_us());
  }
  request.whole = Micros(done.whole_us());
  request.decoded_tokens = done.decoded_tokens();
  request.decode_time = Micros(done.decode_us());
  request.tokens = done.tokens();
  return request;
}

LineHealth::LineHealth(std::string line, const EngineHealthTap& tap)
    : line_(std::move(line)), tap_(tap) {}

LineHealth::Engine* LineHealth::Find(std::uint64_t id) {
  const auto found = engines_.find(id);
  return found == engines_.end() ? nullptr : &found->second;
}

std::optional<std::uint64_t> LineHealth::MemoryKillsNow() const {
  return tap_.processes == nullptr ? std::nullopt : tap_.processes->OutOfMemoryKills();
}

void LineHealth::OnStarted(std::uint64_t id, const std::string& release_sha256, int pid) {
  if (tap_.sink == nullptr) {
    return;
  }
  Engine engine;
  engine.release = release_sha256;
  engine.pid = pid;
  engine.memory_kills = MemoryKillsNow();
  engines_[id] = std::move(engine);
}

void LineHealth::OnStartFailed(const std::string& release_sha256, const Status& status) {
  if (tap_.sink != nullptr && IsTold(release_sha256)) {
    tap_.sink->OnCrash(line_, ClassOfFailedStart(status));
  }
}

void LineHealth::OnEvent(std::uint64_t id, const v1::EngineEvent& event) {
  if (Engine* const engine = Find(id); engine != nullptr) {
    if (IsTold(engine->release)) {
      Tell(*engine, event);
    }
    Take(*engine, event);
  }
}

// What is remembered of the engine itself, told or not.
void LineHealth::Take(Engine& engine, const v1::EngineEvent& event) {
  switch (event.event_case()) {
    case v1::EngineEvent::kLoaded:
      engine.progress = EngineProgress::kLoaded;
      break;
    case v1::EngineEvent::kFailed:
      engine.failure = event.failed().reason();
      break;
    case v1::EngineEvent::kStats:
      engine.busy_us = event.stats().busy_us();
      engine.memory_kills = MemoryKillsNow();
      break;
    default:
      break;
  }
}

void LineHealth::Tell(const Engine& engine, const v1::EngineEvent& event) {
  switch (event.event_case()) {
    case v1::EngineEvent::kRequestDone:
      tap_.sink->OnRequest(line_, RequestOf(event.request_done()));
      break;
    case v1::EngineEvent::kOutcome:
      tap_.sink->OnOutcome(
          line_, event.outcome().solved() ? schema::Outcome::kSolved : schema::Outcome::kNotSolved);
      break;
    case v1::EngineEvent::kStats:
      OnStats(engine, event.stats());
      break;
    default:
      break;
  }
}

void LineHealth::OnStats(const Engine& engine, const v1::EngineStats& stats) {
  if (stats.busy_us() > engine.busy_us) {
    tap_.sink->OnBusy(line_, Micros(stats.busy_us() - engine.busy_us));
  }
  if (tap_.processes == nullptr || tap_.memory_budget_bytes == 0) {
    return;
  }
  if (const auto resident = tap_.processes->ResidentBytes(engine.pid); resident.has_value()) {
    tap_.sink->OnMemory(line_, {*resident, tap_.memory_budget_bytes});
  }
}

void LineHealth::OnDrainAsked(std::uint64_t id) {
  if (Engine* const engine = Find(id); engine != nullptr) {
    engine->ending = Ending::kAsked;
  }
}

void LineHealth::OnKilled(std::uint64_t id, KillCause cause) {
  if (Engine* const engine = Find(id); engine != nullptr && engine->ending == Ending::kNotAsked) {
    engine->ending = cause == KillCause::kOverdue ? Ending::kOverdue : Ending::kAsked;
  }
}

void LineHealth::OnExited(std::uint64_t id, const EngineExit& exit) {
  const auto found = engines_.find(id);
  if (found == engines_.end()) {
    return;
  }
  const Engine engine = std::move(found->second);
  engines_.erase(found);
  if (engine.ending == Ending::kAsked || !IsTold(engine.release)) {
    return;
  }
  EngineEnd end;
  end.exit = exit;
  end.progress = engine.progress;
  end.failure = engine.failure;
  const bool overdue = engine.ending == Ending::kOverdue || exit.overdue;
  end.patience = overdue ? Patience::kLost : Patience::kKept;
  const std::optional<std::uint64_t> kills = MemoryKillsNow();
  const bool rose =
      kills.has_value() && engine.memory_kills.has_value() && *kills > *engine.memory_kills;
  end.memory_kills = rose ? MemoryKills::kSome : MemoryKills::kNoneOrUnknown;
  tap_.sink->OnCrash(line_, ClassOf(end));
}

}  // namespace flotilla::agent
