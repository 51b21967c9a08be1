// The way to the operator listener.
#ifndef FLOTILLA_TESTS_SWARM_FLEET_OPERATOR_ACCESS_H_
#define FLOTILLA_TESTS_SWARM_FLEET_OPERATOR_ACCESS_H_

#include <filesystem>
#include <memory>
#include <string>

#include "base/status.h"

namespace grpc {  // NOLINT(readability-identifier-naming): gRPC's name
class Channel;
}  // namespace grpc

namespace flotilla::swarm {

struct OperatorAccess {
  std::string address;           // "host:port" of the operator listener
  std::filesystem::path folder;  // ca.crt, operator.crt, operator.key
};

// Connects with the first call. Errors of the three files: as of ReadFile.
StatusOr<std::shared_ptr<grpc::Channel>> DialOperator(const OperatorAccess& access);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_OPERATOR_ACCESS_H_
