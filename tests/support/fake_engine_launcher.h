#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_ENGINE_LAUNCHER_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_ENGINE_LAUNCHER_H_

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "agent/engine/engine_child.h"

namespace flotilla::agent {

// EngineLauncher whose children do what the test says, and keep what they were told.
class FakeEngineLauncher final : public EngineLauncher {
 public:
  // One child; it stays here when the agent has let go of it.
  struct Script {
    EngineChildHandler* handler = nullptr;  // nullptr: the agent let go of it
    int pid = 0;
    int kills = 0;
    std::vector<v1::EngineCommand> commands;

    void Tell(const v1::EngineEvent& event) const {
      if (handler != nullptr) {
        handler->OnEvent(event);
      }
    }
    void Exit(const EngineExit& exit) const {
      if (handler != nullptr) {
        handler->OnExit(exit);
      }
    }
  };

  StatusOr<std::unique_ptr<EngineChild>> Launch(EngineChildHandler& handler) override {
    if (refusal.has_value()) {
      return *refusal;
    }
    auto script = std::make_shared<Script>();
    script->handler = &handler;
    script->pid = 100 + static_cast<int>(children.size());
    children.push_back(script);
    return std::unique_ptr<EngineChild>(std::make_unique<Child>(std::move(script)));
  }

  // In the order of their starts.
  std::vector<std::shared_ptr<Script>> children;
  // No process can be made.
  std::optional<Status> refusal;

 private:
  class Child final : public EngineChild {
   public:
    explicit Child(std::shared_ptr<Script> script) : script_(std::move(script)) {}
    ~Child() override { script_->handler = nullptr; }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Status Send(const v1::EngineCommand& command, std::span<const int> /*descriptors*/) override {
      script_->commands.push_back(command);
      return OkStatus();
    }
    void Kill() override { ++script_->kills; }
    int pid() const override { return script_->pid; }

   private:
    std::shared_ptr<Script> script_;
  };
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_ENGINE_LAUNCHER_H_
