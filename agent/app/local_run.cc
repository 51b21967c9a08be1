#include "agent/app/local_run.h"

#include <array>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "agent/bundle/bundle_mail.h"
#include "base/log.h"
#include "ota/format/bundle.h"

namespace flotilla::agent {
namespace {

constexpr Duration kLookEvery = absl::Milliseconds(100);
constexpr Duration kWakeEvery = absl::Milliseconds(500);
constexpr Duration kAnswerLimit = absl::Seconds(15);
constexpr std::size_t kIdBytes = 8;

// Nobody to talk to.
class NoTransport final : public SessionTransport {
 public:
  void Open(SessionHandler& /*handler*/) override {}
  void Send(const v1::SessionRequest& /*message*/) override {}
  void Close() override {}
};

std::string NewId(Random& random) {
  std::array<std::uint8_t, kIdBytes> bytes{};
  random.Fill(bytes);
  return HexEncode(bytes);
}

// Shows each step once; true at the end, with what it ended in.
class ResultReader {
 public:
  ResultReader(const BundleInstall& install, std::string id)
      : install_(install), id_(std::move(id)) {}

  bool Look() {
    const auto result = ReadBundleResult(install_.state_dir);
    if (!result.ok() || result->id != id_) {
      return false;
    }
    answered_ = true;
    if (result->text != shown_) {
      shown_ = result->text;
      install_.out << shown_ << std::endl;
    }
    end_ = StatusOf(*result);
    return result->phase != BundlePhase::kRunning;
  }
  bool answered() const { return answered_; }
  const Status& end() const { return end_; }

 private:
  const BundleInstall& install_;
  const std::string id_;
  std::string shown_;
  bool answered_ = false;
  Status end_;
};

// What is no bundle is refused before anybody is bothered with it.
StatusOr<BundleRequest> RequestOf(const BundleInstall& install) {
  FLOTILLA_RETURN_IF_ERROR(ota::ReadBundleIndex(install.file).status());
  std::error_code error;
  BundleRequest request{NewId(install.random), std::filesystem::canonical(install.file, error)};
  if (error) {
    return NotFound(install.file.string() + ": " + error.message());
  }
  FLOTILLA_RETURN_IF_ERROR(WriteBundleRequest(install.fs, install.state_dir, request));
  return request;
}

}  // namespace

bool WorksWithoutController(const config::v1::AgentConfig& config) {
  const std::filesystem::path state_dir = config.state_dir();
  std::error_code error;
  const bool has_lines = std::filesystem::exists(state_dir / "lines", error) &&
                         !std::filesystem::is_empty(state_dir / "lines", error);
  return has_lines || !config.bundle_dir().empty() || config.enrolment_address().empty() ||
         ReadBundleRequest(state_dir).ok();
}

Status ServeUnenrolled(const config::v1::AgentConfig& config, const AgentMaker& make,
                       AsioExecutor& loop, const std::function<Status()>& wait) {
  NoTransport transport;
  std::unique_ptr<Agent> agent;
  Status end;
  std::function<void()> look = [&] {
    if (!WorksWithoutController(config)) {
      loop.PostAfter(kWakeEvery, look);
      return;
    }
    auto made = make(Identity(), transport);
    if (!made.ok()) {
      LogStatus(LogLevel::kError, "agent.start_failed", made.status());
      return;
    }
    agent = std::move(made).value();
    agent->Start();
  };
  std::jthread waiter([&] {
    end = wait();
    loop.Post([&] {
      if (agent != nullptr) {
        agent->Stop();
      }
      loop.Stop();
    });
  });
  loop.Post(look);
  loop.Run();
  waiter.join();
  return end;
}

Status AskForBundle(const BundleInstall& install, AsioExecutor& loop) {
  FLOTILLA_ASSIGN_OR_RETURN(const BundleRequest request, RequestOf(install));
  ResultReader reader(install, request.id);
  Status end;
  Duration waited;
  std::function<void()> look = [&] {
    if (reader.Look()) {
      end = reader.end();
      loop.Stop();
      return;
    }
    if (!reader.answered() && waited > kAnswerLimit) {
      RemoveBundleRequest(install.fs, install.state_dir).IgnoreError();
      end =
          WithReason(Unavailable("the agent on " + install.state_dir.string() + " does not answer"),
                     v1::FAILURE_REASON_STORAGE_LOCKED);
      loop.Stop();
      return;
    }
    waited += kLookEvery;
    loop.PostAfter(kLookEvery, look);
  };
  loop.Post(look);
  loop.Run();
  return end;
}

Status InstallBundleHere(const BundleInstall& install, const AgentMaker& make, AsioExecutor& loop) {
  FLOTILLA_ASSIGN_OR_RETURN(const BundleRequest request, RequestOf(install));
  NoTransport transport;
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<Agent> agent, make(Identity(), transport));
  ResultReader reader(install, request.id);
  std::function<void()> look = [&] {
    if (reader.Look()) {
      agent->Stop();
      loop.Stop();
      return;
    }
    loop.PostAfter(kLookEvery, look);
  };
  agent->Start();
  loop.Post(look);
  loop.Run();
  return reader.end();
}

}  // namespace flotilla::agent
