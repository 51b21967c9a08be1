// Controller services, helper and devices over mutual TLS in one process; the leader's clock is the
// test's.
#ifndef FLOTILLA_TESTS_INTEGRATION_CONTROLLER_RPC_HEALTH_SITE_H_
#define FLOTILLA_TESTS_INTEGRATION_CONTROLLER_RPC_HEALTH_SITE_H_

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "base/loop_thread.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/os_random.h"
#include "controller/health/health_board.h"
#include "controller/health/health_desk.h"
#include "controller/health/leader_keys.h"
#include "controller/rpc/grpc_aggregation_client.h"
#include "controller/rpc/grpc_listener.h"
#include "controller/storage/persister.h"
#include "flotilla/v1/health.grpc.pb.h"
#include "flotilla/v1/metrics.grpc.pb.h"
#include "security/x509/authority.h"
#include "tests/integration/controller_rpc/loopback_site.h"
#include "tests/support/fake_aggregation.h"
#include "tests/support/fake_executor.h"
#include "tests/support/memory_aggregator_store.h"
#include "tests/support/memory_fleet_store.h"
#include "tests/support/memory_health_store.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {

// AggregationService over FakeHelper.
class FakeAggregationService;

class HealthRpcSite {
 public:
  // Devices "d0", "d1", ... on pump 2.0.0, with registered reporting keys.
  explicit HealthRpcSite(std::size_t device_count);
  ~HealthRpcSite();
  HealthRpcSite(const HealthRpcSite&) = delete;
  HealthRpcSite& operator=(const HealthRpcSite&) = delete;

  RpcIdentity Device(std::size_t index) const;
  RpcIdentity Operator(security::OperatorRole role) const;
  std::shared_ptr<grpc::Channel> DialDevices(const RpcIdentity& identity) const;
  std::shared_ptr<grpc::Channel> DialOperators(const RpcIdentity& identity) const;

  // Runs `call` on another thread and the leader's loop on this one, until it is over.
  template <typename Call>
  auto While(Call call) {
    auto result = std::async(std::launch::async, std::move(call));
    while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      clock.RunReady();
      std::this_thread::yield();
    }
    return result.get();
  }
  // Runs the leader's loop until the board shows this state of the newest task's newest window.
  void RunUntil(v1::HealthWindowState state);

  FakeExecutor clock;  // the leader's and the helper's
  OsRandom random;
  FakeHelper helper{clock, random};
  HealthBoard board;
  MemoryFleetStore fleet_store;
  std::vector<std::unique_ptr<security::KeyPair>> reporting_keys;

 private:
  void StartFleet(std::size_t device_count);
  void StartHelper();
  void StartSite();

  OsClock os_clock_;
  OsDurableFs fs_;
  TempDir folder_;
  const security::CertificateAuthority authority_;
  const security::CertificateAuthority helper_authority_;
  LoopThread loop_;
  std::unique_ptr<Persister> persister_;
  std::unique_ptr<Fleet> fleet_;
  std::shared_ptr<FakeAggregationService> aggregation_;
  std::unique_ptr<GrpcListener> helper_listener_;
  std::unique_ptr<GrpcHelperClient> client_;
  MemoryHealthStore store_;
  dap::MemoryAggregatorStore shares_;
  std::unique_ptr<LeaderKeys> keys_;
  std::unique_ptr<HealthDesk> desk_;
  std::unique_ptr<RpcSite> site_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_INTEGRATION_CONTROLLER_RPC_HEALTH_SITE_H_
