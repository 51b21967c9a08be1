#ifndef FLOTILLA_CONTROLLER_RPC_GRPC_AGGREGATION_CLIENT_H_
#define FLOTILLA_CONTROLLER_RPC_GRPC_AGGREGATION_CLIENT_H_

#include <memory>
#include <string>

#include "controller/health/aggregation_client.h"

namespace flotilla::controller {

// What `flotilla-aggregator leader` wrote, PEM.
struct HelperCredentials {
  std::string ca;
  std::string certificate;
  std::string private_key;
};

// AggregationService over mutual TLS: the helper's own CA says who the helper is, and its
// certificate for the leader who calls. Answers come on gRPC's threads.
class GrpcHelperClient final : public HelperClient {
 public:
  // "host:port"; connects when it is first called, and again whenever the helper is back.
  GrpcHelperClient(const std::string& address, const HelperCredentials& credentials);
  // Cancels what is open, and waits until the last answer was given.
  ~GrpcHelperClient() override;
  GrpcHelperClient(const GrpcHelperClient&) = delete;
  GrpcHelperClient& operator=(const GrpcHelperClient&) = delete;

  void GetHelperKeys(Done<HelperKeys> done) override;
  void PutTask(const HelperTask& task, Done<dap::TaskId> done) override;
  void InitJob(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) override;
  void ShareAggregate(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_GRPC_AGGREGATION_CLIENT_H_
