// What a controller is to a helper: a client with a certificate, and a leader with its devices.
#ifndef FLOTILLA_TESTS_INTEGRATION_AGGREGATOR_LEADER_SIDE_H_
#define FLOTILLA_TESTS_INTEGRATION_AGGREGATOR_LEADER_SIDE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>
#include "flotilla/v1/aggregation.grpc.pb.h"

#include "base/os_random.h"
#include "base/status.h"
#include "security/key_file.h"
#include "telemetry/aggregator/device_keys.h"
#include "telemetry/dap/leader.h"
#include "telemetry/store/sqlite_aggregator_store.h"
#include "tests/support/memory_aggregator_store.h"

namespace flotilla::telemetry {

struct ClientCredential {
  std::string ca_pem;
  std::string chain_pem;  // empty: none is shown
  std::string key_pem;
};
// The folder that `flotilla-aggregator leader` wrote.
ClientCredential ReadCredential(const std::filesystem::path& folder);

// Calls with a deadline of 30 s that wait for a helper that is on its way up.
class HelperLink {
 public:
  HelperLink(const std::string& address, const ClientCredential& credential);

  StatusOr<v1::GetHelperKeysResponse> Keys();
  StatusOr<dap::TaskId> Put(const StoredTask& task);
  Status Put(const v1::PutTaskRequest& request);
  StatusOr<Bytes> Job(const dap::TaskId& task, const Bytes& request);
  StatusOr<Bytes> Share(const dap::TaskId& task, const Bytes& request);
  // As Keys, but gives up when nobody is there.
  Status Knock();

 private:
  std::unique_ptr<v1::AggregationService::Stub> stub_;
};

// A demonstration of two windows of 15 s of the gate's verdict, which begins within 8 s.
dap::TaskConfiguration DemoTask(const std::string& helper_endpoint, Time now);

// Devices and their leader.
class Reporters {
 public:
  explicit Reporters(std::size_t count);

  // Lines for `device add`.
  std::string Lines() const;
  // Takes a task on, with keys for it.
  StoredTask Begin(const dap::TaskConfiguration& configuration);
  // A report of each device of [from, to), on the first window; who votes for what says `bucket`.
  std::vector<Bytes> Reports(std::size_t from, std::size_t to, const dap::HpkeConfig& helper_key,
                             std::uint32_t bucket);

  const dap::Task& task() const { return *task_; }
  dap::WindowStart window() const { return task_->configuration().interval.start; }
  dap::Leader& leader() { return *leader_; }
  dap::MemoryAggregatorStore& store() { return store_; }
  const dap::HpkeKeyring& collector() const { return collector_; }

 private:
  OsRandom random_;
  std::vector<std::unique_ptr<security::KeyPair>> devices_;
  std::unique_ptr<dap::Task> task_;
  dap::HpkeConfig leader_config_;
  dap::AggregatorKeys keys_;
  dap::HpkeKeyring collector_;
  dap::MemoryAggregatorStore store_;
  std::unique_ptr<dap::Leader> leader_;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TESTS_INTEGRATION_AGGREGATOR_LEADER_SIDE_H_
