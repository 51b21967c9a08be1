// A controller that welcomes every device, and how a session with it begins.
#ifndef FLOTILLA_TESTS_CONTRACT_WELCOMING_CONTROLLER_H_
#define FLOTILLA_TESTS_CONTRACT_WELCOMING_CONTROLLER_H_

#include <mutex>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "agent/session/session_transport.h"
#include "base/executor.h"
#include "base/status.h"
#include "flotilla/v1/session.grpc.pb.h"

namespace flotilla::agent {

// Answers every message with a Welcome. Remembers which sessions came over a resumed handshake.
class WelcomingController final : public v1::DeviceService::Service {
 public:
  grpc::Status Session(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::SessionResponse, v1::SessionRequest>* stream) override;
  std::vector<bool> reused();

 private:
  std::mutex mutex_;
  std::vector<bool> reused_;
};

// Says Hello on the transport's loop. OK at the controller's first message, else why there is no
// session; it is closed then.
Status SayHello(SessionTransport& transport, Executor& loop);

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_CONTRACT_WELCOMING_CONTROLLER_H_
