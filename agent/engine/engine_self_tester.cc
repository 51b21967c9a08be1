#include "agent/engine/engine_self_tester.h"

#include <array>
#include <utility>

#include "flotilla/v1/engine.pb.h"

#include "agent/engine/engine_process.h"
#include "agent/engine/release_files.h"
#include "base/log.h"
#include "base/unique_fd.h"

namespace flotilla::agent {
namespace {

constexpr Duration kStopPoll = absl::Milliseconds(200);

Status LoadFailed(const std::string& text) {
  return WithReason(FailedPrecondition(text), v1::FAILURE_REASON_INSTALL_LOAD_FAILED);
}

// The next event of the wanted kind. What else comes is passed over, but for a failure.
StatusOr<v1::EngineEvent> Await(const EngineProcess& process, v1::EngineEvent::EventCase wanted,
                                const Clock& clock, Duration timeout, const std::stop_token& stop) {
  const Duration end = clock.Monotonic() + timeout;
  while (clock.Monotonic() < end) {
    if (stop.stop_requested()) {
      return Cancelled("the self-test was cancelled");
    }
    const StatusOr<engine::ControlMessage> message = process.channel().Receive(kStopPoll);
    if (message.status().code() == StatusCode::kDeadlineExceeded) {
      continue;
    }
    if (!message.ok()) {
      return LoadFailed("the engine ended during the self-test");
    }
    FLOTILLA_ASSIGN_OR_RETURN(v1::EngineEvent event, engine::ParseAs<v1::EngineEvent>(*message));
    if (event.has_failed()) {
      return WithReason(FailedPrecondition(event.failed().diagnostic()), event.failed().reason());
    }
    if (event.event_case() == wanted) {
      return event;
    }
  }
  return WithReason(DeadlineExceeded("the self-test took too long"),
                    v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT);
}

}  // namespace

EngineSelfTester::EngineSelfTester(SelfTestOptions options, const ota::Store& store,
                                   SelfTestRoom& room, const Clock& clock)
    : options_(std::move(options)), store_(store), room_(room), clock_(clock) {}

StatusOr<v1::GoldenScore> EngineSelfTester::Test(const v1::InstalledRelease& candidate,
                                                 const std::optional<v1::InstalledRelease>& running,
                                                 const std::stop_token& stop) {
  FLOTILLA_RETURN_IF_ERROR(room_.Enter(candidate, stop));
  StatusOr<v1::GoldenScore> score = Score(candidate, candidate.golden_sha256(), stop);
  if (score.ok() && running.has_value() && !candidate.golden_sha256().empty()) {
    const StatusOr<v1::GoldenScore> before = Score(*running, candidate.golden_sha256(), stop);
    if (before.ok()) {
      score->set_running_correct(before->correct());
    } else {
      // The verdict is relative: without the other side it is no verdict, and not the candidate's
      // fault.
      score = Unavailable("the running release was not scored: " + before.status().ToString());
    }
  }
  room_.Leave(candidate);
  return score;
}

StatusOr<v1::GoldenScore> EngineSelfTester::Score(const v1::InstalledRelease& release,
                                                  const std::string& golden_sha256,
                                                  const std::stop_token& stop) {
  FLOTILLA_ASSIGN_OR_RETURN(const OpenRelease opened, OpenForEngine(release, store_));
  FLOTILLA_ASSIGN_OR_RETURN(EngineProcess process, EngineProcess::Start(options_.engine_path));
  FLOTILLA_RETURN_IF_ERROR(process.channel().Send(opened.load, opened.descriptors()));
  FLOTILLA_RETURN_IF_ERROR(
      Await(process, v1::EngineEvent::kLoaded, clock_, options_.load_timeout, stop).status());
  if (golden_sha256.empty()) {
    return v1::GoldenScore();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const UniqueFd golden,
                            OpenBlob(store_, golden_sha256, ota::BlobKind::kGolden));
  v1::EngineCommand test;
  test.mutable_self_test()->set_timeout_ms(
      static_cast<std::uint32_t>(absl::ToInt64Milliseconds(options_.test_timeout)));
  const std::array<int, 1> golden_fd = {golden.get()};
  FLOTILLA_RETURN_IF_ERROR(process.channel().Send(test, golden_fd));
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::EngineEvent done,
      Await(process, v1::EngineEvent::kSelfTestDone, clock_, options_.test_timeout, stop));
  const v1::GoldenScore& score = done.self_test_done().score();
  LogInfo("engine.self_test", {{"line", release.ref().line()},
                               {"version", release.ref().version()},
                               {"correct", score.correct()},
                               {"total", score.total()}});
  return score;
}

}  // namespace flotilla::agent
