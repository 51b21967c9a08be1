#include "controller/app/leader_core.h"

#include <string>
#include <utility>

#include "base/log.h"

namespace flotilla::controller {
namespace {

ListenAddress After(const ListenAddress& first, std::uint16_t steps) {
  ListenAddress address = first;
  address.port =
      first.port == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(first.port + steps);
  return address;
}

// What the replica's own listeners are for a single controller.
AppOptions OnInnerListeners(AppOptions options) {
  const ListenAddress inner = options.replica->listen;
  options.device = inner;
  options.enrolment = After(inner, 1);
  options.operators = After(inner, 2);
  options.dashboard = After(inner, 3);
  options.artifact = After(inner, 4);
  return options;
}

}  // namespace

LeaderCore::LeaderCore(const AppOptions& options, const ReplicaMachine& machine, LeaderTerm term,
                       std::function<void()> audited)
    : options_(OnInnerListeners(options)), term_(std::move(term)) {
  const AppWorld world{*term_.store,     loop_.executor(), worker_.executor(),
                       machine.clock,    machine.random,   machine.fs,
                       machine.open_key, machine.restart,  std::move(audited)};
  app_ = std::make_unique<ControllerApp>(options_, world, [this](const Status& status) {
    LogStatus(LogLevel::kError, "replica.lost_the_lead", status);
    lost_ = true;
  });
}

StatusOr<std::unique_ptr<LeaderCore>> LeaderCore::Start(const AppOptions& options,
                                                        const ReplicaMachine& machine,
                                                        LeaderTerm term,
                                                        std::function<void()> audited) {
  std::unique_ptr<LeaderCore> core(
      new LeaderCore(options, machine, std::move(term), std::move(audited)));
  FLOTILLA_RETURN_IF_ERROR(core->app_->Start());
  return core;
}

LeaderCore::~LeaderCore() {
  Stop(StopMode::kAtOnce);
}

Leader LeaderCore::Address() const {
  const auto at = [this](const char* listener) {
    ListenAddress address = options_.device;
    const auto port = app_->ports().find(listener);
    address.port = port == app_->ports().end() ? std::uint16_t{0} : port->second;
    return address.Text();
  };
  Leader leader;
  leader.epoch = term_.epoch;
  leader.name = options_.replica->name;
  leader.device = at("device");
  leader.enrolment = at("enrolment");
  leader.operators = at("operator");
  leader.dashboard = at("dashboard");
  return leader;
}

void LeaderCore::Stop(StopMode mode) {
  if (app_ == nullptr) {
    return;
  }
  app_->Stop(mode);
  loop_.Stop();
  worker_.Stop();
  app_.reset();
  term_.store.reset();
}

}  // namespace flotilla::controller
