// A fleet served over real TLS on free ports of the loopback, and certificates to call it with.
#ifndef FLOTILLA_TESTS_INTEGRATION_CONTROLLER_RPC_RPC_SITE_WORLD_H_
#define FLOTILLA_TESTS_INTEGRATION_CONTROLLER_RPC_RPC_SITE_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "base/loop_thread.h"
#include "base/os_clock.h"
#include "controller/fleet/fleet.h"
#include "controller/rpc/rpc_site.h"
#include "controller/storage/persister.h"
#include "flotilla/v1/session.grpc.pb.h"
#include "security/x509/authority.h"
#include "tests/integration/controller_rpc/loopback_site.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {

// A fleet with the devices "d1" and more, if asked for.
class RpcSiteWorld : public testing::Test {
 protected:
  explicit RpcSiteWorld(const AdmissionOptions& admission = ForMachine({}, 2, 4'000'000'000),
                        const FleetOptions& fleet = FleetOptions());
  void TearDown() override;

  // A device beside "d1", enrolled.
  RpcIdentity Enrol(const std::string& id);
  // Applies a change on the loop; returns when it is durable.
  void Apply(const FleetChange& change);
  std::shared_ptr<grpc::Channel> Dial(std::uint16_t port, const RpcIdentity& identity) const;
  static void SetDeadline(grpc::ClientContext& context);
  static v1::SessionRequest HelloMessage(const std::string& id = "d1");

  OsClock clock_;
  MemoryFleetStore store_;
  LoopThread loop_;
  const security::CertificateAuthority authority_;
  std::unique_ptr<Persister> persister_;
  std::unique_ptr<Fleet> fleet_;
  RpcIdentity device_;
  std::unique_ptr<RpcSite> site_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_INTEGRATION_CONTROLLER_RPC_RPC_SITE_WORLD_H_
