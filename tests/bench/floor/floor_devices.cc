#include "tests/bench/floor/floor_devices.h"

#include <algorithm>
#include <utility>

#include "base/os_open_files.h"
#include "tests/swarm/fleet/identity_book.h"

namespace flotilla::bench {
namespace {

constexpr std::size_t kOtherFiles = 64;

}  // namespace

void AddFloorDeviceFlags(CLI::App& app, FloorDevicesOptions& options) {
  app.add_option("--to", options.to, "host:port")->required();
  app.add_option("--identities", options.identities, "folder of flotilla-swarm --state")
      ->required();
  app.add_option("--devices", options.devices)->capture_default_str();
  app.add_option("--ramp", options.ramp_s, "seconds")->capture_default_str();
}

StatusOr<FloorDevices> FloorDevices::Open(const FloorDevicesOptions& options) {
  FLOTILLA_RETURN_IF_ERROR(RaiseOpenFileLimit(options.devices + kOtherFiles).status());
  FLOTILLA_ASSIGN_OR_RETURN(swarm::IdentityBook book,
                            swarm::IdentityBook::Open(options.identities));
  if (book.devices().size() < options.devices) {
    return InvalidArgument("too few identities");
  }
  FloorDevices devices;
  devices.ramp_s_ = options.ramp_s;
  devices.host_ = swarm::HostPart(options.to);
  FLOTILLA_ASSIGN_OR_RETURN(devices.context_, swarm::NewClientContext(book.authority_pem()));
  FLOTILLA_ASSIGN_OR_RETURN(devices.address_, swarm::ResolveAddress(options.to));
  for (std::size_t i = 0; i < options.devices; ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(
        swarm::TlsIdentity identity,
        swarm::ParseTlsIdentity(book.devices()[i].chain_pem, book.devices()[i].key_pem));
    devices.identities_.push_back(std::move(identity));
  }
  return devices;
}

std::size_t FloorDevices::Due(Duration since) const {
  const double share = ramp_s_ <= 0 ? 1 : absl::ToDoubleSeconds(since) / ramp_s_;
  return static_cast<std::size_t>(std::min(share, 1.0) * static_cast<double>(count()));
}

StatusOr<std::unique_ptr<swarm::TlsSocket>> FloorDevices::Dial(std::size_t index) const {
  swarm::DialOptions dial;
  dial.context = context_.get();
  dial.to = &address_;
  dial.host = host_;
  dial.identity = &identities_[index];
  return swarm::TlsSocket::Dial(dial);
}

}  // namespace flotilla::bench
