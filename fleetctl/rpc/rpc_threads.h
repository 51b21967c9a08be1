#ifndef FLOTILLA_FLEETCTL_RPC_RPC_THREADS_H_
#define FLOTILLA_FLEETCTL_RPC_RPC_THREADS_H_

namespace flotilla::fleetctl {

// The threads that gRPC keeps for its connections. Stands around all calls of the program: its end
// waits until these threads have ended too, so that none works on while the process goes away.
class RpcThreads {
 public:
  RpcThreads();
  // Blocks as long as a connection takes to close.
  ~RpcThreads();
  RpcThreads(const RpcThreads&) = delete;
  RpcThreads& operator=(const RpcThreads&) = delete;
};

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RPC_RPC_THREADS_H_
