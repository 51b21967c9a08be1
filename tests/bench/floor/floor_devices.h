#ifndef FLOTILLA_TESTS_BENCH_FLOOR_FLOOR_DEVICES_H_
#define FLOTILLA_TESTS_BENCH_FLOOR_FLOOR_DEVICES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/status.h"
#include "base/time.h"
#include "tests/swarm/fleet/c_ptr.h"
#include "tests/swarm/fleet/tls_socket.h"

namespace flotilla::bench {

struct FloorDevicesOptions {
  std::string to;          // host:port
  std::string identities;  // folder of flotilla-swarm --state
  std::size_t devices = 1000;
  double ramp_s = 5;  // over which they dial; 0: all at once
};

// --to, --identities, --devices and --ramp.
void AddFloorDeviceFlags(CLI::App& app, FloorDevicesOptions& options);

// Devices with the identities of a flotilla-swarm folder, which dial one server over mutual TLS.
class FloorDevices {
 public:
  // Makes room for their descriptors. Blocking. INVALID_ARGUMENT: too few identities; else as
  // IdentityBook, ResolveAddress and RaiseOpenFileLimit.
  static StatusOr<FloorDevices> Open(const FloorDevicesOptions& options);

  std::size_t count() const { return identities_.size(); }
  // How many have dialled when this time has passed since the first one could.
  std::size_t Due(Duration since) const;
  // As TlsSocket::Dial.
  StatusOr<std::unique_ptr<swarm::TlsSocket>> Dial(std::size_t index) const;

 private:
  FloorDevices() = default;

  double ramp_s_ = 0;
  std::string host_;
  swarm::SslCtxPtr context_;
  swarm::SocketAddress address_;
  std::vector<swarm::TlsIdentity> identities_;
};

}  // namespace flotilla::bench

#endif  // FLOTILLA_TESTS_BENCH_FLOOR_FLOOR_DEVICES_H_
