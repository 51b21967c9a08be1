#ifndef FLOTILLA_CONTROLLER_FLEET_BACKPRESSURE_H_
#define FLOTILLA_CONTROLLER_FLEET_BACKPRESSURE_H_

#include <cstddef>

#include "base/time.h"
#include "controller/storage/commit_queue.h"

namespace flotilla::controller {

// What is given up while the store does not keep up; each level gives up what those before it do.
enum class LoadLevel {
  kUnspecified = 0,
  kCalm,
  kSlower,      // over 50 %: agents are asked to beat less often
  kLatestOnly,  // over 75 %: newest values (class B) wait in memory, and beats are rarer still
  kHeld,        // over 90 %: sessions are not read
};

struct BackpressureOptions {
  // The queue is full at the first of these.
  std::size_t max_rows = 200'000;
  std::size_t max_bytes = 128'000'000;
};

// How much of the store's queue is taken, and what follows from it. Reports (class A) are never
// dropped at any level. A level is left only when the queue is a tenth emptier than where it was
// entered. Pure.
class Backpressure {
 public:
  // `heartbeat`: what agents keep while nothing is the matter.
  Backpressure(const BackpressureOptions& options, Duration heartbeat)
      : options_(options), heartbeat_(heartbeat) {}

  // The level from now on.
  LoadLevel Look(const QueueLoad& load);

  LoadLevel level() const { return level_; }
  // What agents are to keep now: once, twice or five times the usual.
  Duration heartbeat() const;
  Duration usual_heartbeat() const { return heartbeat_; }

 private:
  BackpressureOptions options_;
  Duration heartbeat_;
  LoadLevel level_ = LoadLevel::kCalm;
};

const char* LoadLevelName(LoadLevel level);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_BACKPRESSURE_H_
