#ifndef FLOTILLA_CONTROLLER_RPC_FRONT_SITE_H_
#define FLOTILLA_CONTROLLER_RPC_FRONT_SITE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/fleet/revocation_set.h"
#include "controller/replica/session_memory.h"
#include "controller/rpc/leader_channel.h"
#include "controller/session/admission_queue.h"

namespace flotilla::controller {

struct FrontSiteOptions {
  // "address:port" for devices; port 0 takes a free one.
  std::string device_listen;
  // The controller's certificate, leaf first, and its key.
  std::string certificate_chain_pem;
  std::string private_key_pem;
  // Who may connect, and when; without zeros.
  AdmissionOptions admission;
  // As RpcSiteOptions'.
  std::function<void()> on_quiet;
  ReplicaCredentials replica;
};

// The device listener of a replica: sessions and what devices call beside them, all of it carried
// to the leader.
class FrontSite {
 public:
  // What is given outlives the site. `loop` is the site's own. UNAVAILABLE: the port is taken.
  static StatusOr<std::unique_ptr<FrontSite>> Start(const FrontSiteOptions& options, Executor& loop,
                                                    const Clock& clock, Random& random,
                                                    const RevocationSet& revocations);
  ~FrontSite();
  FrontSite(const FrontSite&) = delete;
  FrontSite& operator=(const FrontSite&) = delete;

  std::uint16_t device_port() const;
  // Told to devices in Welcome. Thread-safe.
  void SetUrls(const ArtifactUrls& urls);
  // Where the leader listens for replicas; empty: nobody leads. Thread-safe.
  void Point(const std::string& address);
  // Tells devices to come back over `spread`, ends their sessions, gives open calls `grace`.
  // Blocking; the loop has to run. Idempotent.
  void Stop(Duration spread, Duration grace);

 private:
  struct Impl;
  explicit FrontSite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_FRONT_SITE_H_
