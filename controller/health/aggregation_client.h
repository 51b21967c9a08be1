// Port: the second aggregator, as the leader calls it.
#ifndef FLOTILLA_CONTROLLER_HEALTH_AGGREGATION_CLIENT_H_
#define FLOTILLA_CONTROLLER_HEALTH_AGGREGATION_CLIENT_H_

#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/dap/domain.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::controller {

struct HelperKeys {
  Bytes hpke_configs;  // dap::SignedHpkeConfigs by the helper's identity, passed on as they came
  std::uint32_t schema_version = 0;
  std::uint32_t registered_devices = 0;  // rounded down to a multiple of 10
};

struct HelperTask {
  Bytes configuration;
  vdaf::VerifyKey verify_key{};
  Bytes collector;  // an encoded dap::HpkeConfig
};

// Never blocks: `done` is called once, on any thread, before or after the call returns. Errors of
// all: UNAVAILABLE, DEADLINE_EXCEEDED: away; UNAUTHENTICATED, PERMISSION_DENIED: it does not take
// this leader, or refuses. Thread-safe.
class HelperClient {
 public:
  template <typename T>
  using Done = std::function<void(StatusOr<T>)>;

  virtual ~HelperClient() = default;

  virtual void GetHelperKeys(Done<HelperKeys> done) = 0;
  // PERMISSION_DENIED says which rule; ALREADY_EXISTS: known with another verification key;
  // FAILED_PRECONDITION: its first window has begun.
  virtual void PutTask(const HelperTask& task, Done<dap::TaskId> done) = 0;
  // The AggregationResponse to an AggregationRequest; the same request gets the same answer.
  // NOT_FOUND: no such task.
  virtual void InitJob(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) = 0;
  // The helper's encoded HpkeCiphertext for the collector; the same request gets the same bytes.
  // FAILED_PRECONDITION: too few distinct devices; ABORTED: it has not the same reports;
  // ALREADY_EXISTS: collected by another request.
  virtual void ShareAggregate(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) = 0;

 protected:
  HelperClient() = default;
  HelperClient(const HelperClient&) = default;
  HelperClient& operator=(const HelperClient&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_AGGREGATION_CLIENT_H_
