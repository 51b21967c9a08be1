#include "fleetctl/rpc/rpc_threads.h"

#include <grpc/grpc.h>

namespace flotilla::fleetctl {

RpcThreads::RpcThreads() {
  grpc_init();
}

RpcThreads::~RpcThreads() {
  grpc_shutdown_blocking();
}

}  // namespace flotilla::fleetctl
