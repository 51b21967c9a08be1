#include "controller/rpc/front_site.h"

#include <future>
#include <utility>

#include "controller/rpc/front_calls.h"
#include "controller/rpc/front_desk.h"
#include "controller/rpc/peer_gate.h"
#include "controller/session/admission_gate.h"
#include "controller/wire/device_listener.h"

namespace flotilla::controller {

struct FrontSite::Impl {
  Impl(const FrontSiteOptions& options, Executor& loop_in, const Clock& clock, Random& random,
       const RevocationSet& revocations)
      : loop(loop_in),
        admission(options.admission, clock),
        gate(options.replica.ca_pem, clock, revocations, &admission),
        desk(options.replica, loop, clock, random),
        calls(gate, desk, admission) {}

  Executor& loop;
  AdmissionGate admission;
  PeerGate gate;
  FrontDesk desk;
  FrontCalls calls;
  std::unique_ptr<DeviceListener> listener;
};

FrontSite::FrontSite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

FrontSite::~FrontSite() = default;

StatusOr<std::unique_ptr<FrontSite>> FrontSite::Start(const FrontSiteOptions& options,
                                                      Executor& loop, const Clock& clock,
                                                      Random& random,
                                                      const RevocationSet& revocations) {
  auto impl = std::make_unique<Impl>(options, loop, clock, random, revocations);
  DeviceListenerOptions listener;
  listener.address = options.device_listen;
  listener.tls = {options.certificate_chain_pem, options.private_key_pem, options.replica.ca_pem};
  listener.on_quiet = options.on_quiet;
  FLOTILLA_ASSIGN_OR_RETURN(impl->listener,
                            DeviceListener::Start(listener, impl->admission, impl->calls, clock));
  return std::unique_ptr<FrontSite>(new FrontSite(std::move(impl)));
}

std::uint16_t FrontSite::device_port() const {
  return impl_->listener->port();
}

void FrontSite::SetUrls(const ArtifactUrls& urls) {
  impl_->desk.SetUrls(urls);
}

void FrontSite::Point(const std::string& address) {
  impl_->desk.Point(address);
}

void FrontSite::Stop(Duration spread, Duration grace) {
  if (impl_->listener == nullptr) {
    return;
  }
  std::promise<void> told;
  impl_->loop.Post([this, spread, &told] {
    impl_->desk.Drain(spread);
    told.set_value();
  });
  told.get_future().wait();
  impl_->listener->Stop(grace);
  impl_->listener.reset();
  impl_->desk.AwaitCalls();
}

}  // namespace flotilla::controller
