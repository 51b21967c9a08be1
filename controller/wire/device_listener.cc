#include "controller/wire/device_listener.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/os_machine.h"

namespace flotilla::controller {

StatusOr<std::unique_ptr<DeviceListener>> DeviceListener::Start(
    const DeviceListenerOptions& options, AdmissionGate& admission, DeviceCalls& calls,
    const Clock& clock) {
  std::unique_ptr<DeviceListener> listener(new DeviceListener(clock));
  FLOTILLA_ASSIGN_OR_RETURN(listener->tls_, security::TlsServer::Create(options.tls));
  FLOTILLA_ASSIGN_OR_RETURN(listener->accept_loop_, AcceptLoop::Listen(options.address, admission));
  const unsigned threads = options.threads == 0 ? CoresOfMachine() : options.threads;
  for (unsigned i = 0; i < threads; ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(
        auto shard, WireShard::Start(*listener->tls_, calls,
                                     {options.limits, options.times, options.on_quiet}, clock));
    listener->shards_.push_back(std::move(shard));
  }
  listener->accept_loop_->Run([shards = &listener->shards_, next = std::size_t{0}](
                                  UniqueFd fd, const std::string& peer) mutable {
    (*shards)[next++ % shards->size()]->Adopt(std::move(fd), peer);
  });
  return listener;
}

DeviceListener::~DeviceListener() {
  if (accept_loop_ != nullptr) {
    Stop(absl::ZeroDuration());
  }
}

void DeviceListener::StopAccepting() {
  accept_loop_->Stop();
}

void DeviceListener::Stop(Duration grace) {
  StopAccepting();
  for (const auto& shard : shards_) {
    shard->GoAway();
  }
  const Duration end = clock_.Monotonic() + grace;
  for (const auto& shard : shards_) {
    if (!shard->AwaitNoCalls(std::max(end - clock_.Monotonic(), absl::ZeroDuration()))) {
      shard->CloseAll();
    }
  }
  for (const auto& shard : shards_) {
    shard->CloseAll();
    shard->AwaitLast();
  }
}

}  // namespace flotilla::controller
