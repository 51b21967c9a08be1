#include "agent/engine/process_launcher.h"

#include <thread>
#include <utility>

#include "agent/engine/engine_process.h"

namespace flotilla::agent {
namespace {

// After its channel closed a child has so long to end by itself.
constexpr Duration kExitPatience = absl::Seconds(2);

class ProcessChild final : public EngineChild {
 public:
  ProcessChild(EngineProcess process, Executor& loop, EngineChildHandler& handler)
      : process_(std::move(process)),
        loop_(loop),
        link_(std::make_shared<Link>(Link{&handler})),
        reader_([this] { Read(); }) {}

  ~ProcessChild() override {
    link_->handler = nullptr;
    process_.Kill();
    reader_.join();
  }
  ProcessChild(const ProcessChild&) = delete;
  ProcessChild& operator=(const ProcessChild&) = delete;

  Status Send(const v1::EngineCommand& command, std::span<const int> descriptors) override {
    return process_.channel().Send(command, descriptors);
  }

  void Kill() override { process_.Kill(); }

  int pid() const override { return process_.pid(); }

 private:
  // Read and written on the loop only.
  struct Link {
    EngineChildHandler* handler = nullptr;
  };

  void Read() {
    while (true) {
      const StatusOr<engine::ControlMessage> message =
          process_.channel().Receive(absl::InfiniteDuration());
      if (!message.ok() && message.status().code() == StatusCode::kUnavailable) {
        break;
      }
      if (!message.ok()) {
        continue;  // a message beyond the limits was dropped
      }
      if (StatusOr<v1::EngineEvent> event = engine::ParseAs<v1::EngineEvent>(*message);
          event.ok()) {
        loop_.Post([link = link_, event = *std::move(event)] {
          if (link->handler != nullptr) {
            link->handler->OnEvent(event);
          }
        });
      }
    }
    const EngineExit exit = process_.Wait(kExitPatience);
    loop_.Post([link = link_, exit] {
      if (link->handler != nullptr) {
        link->handler->OnExit(exit);
      }
    });
  }

  EngineProcess process_;
  Executor& loop_;
  std::shared_ptr<Link> link_;
  std::thread reader_;
};

}  // namespace

ProcessLauncher::ProcessLauncher(std::filesystem::path program, Executor& loop)
    : program_(std::move(program)), loop_(loop) {}

StatusOr<std::unique_ptr<EngineChild>> ProcessLauncher::Launch(EngineChildHandler& handler) {
  FLOTILLA_ASSIGN_OR_RETURN(EngineProcess process, EngineProcess::Start(program_));
  return std::unique_ptr<EngineChild>(
      std::make_unique<ProcessChild>(std::move(process), loop_, handler));
}

}  // namespace flotilla::agent
