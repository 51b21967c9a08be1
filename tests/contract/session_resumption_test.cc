// The agent's sessions resume TLS, which halves what a reconnect costs the controller.

#include <vector>

#include <gtest/gtest.h>

#include "agent/session/grpc_session_transport.h"
#include "base/loop_thread.h"
#include "tests/contract/welcoming_controller.h"
#include "tests/support/device_listener.h"
#include "tests/support/on_loop.h"

namespace flotilla::agent {
namespace {

TEST(SessionResumptionTest, TheNextSessionResumesTlsAndANewIdentityDoesNot) {
  LoopThread loop;
  WelcomingController controller;
  const DeviceListener listener({&controller});
  GrpcSessionTransport transport(listener.address(), listener.NewIdentity(), loop.executor());
  EXPECT_EQ(SayHello(transport, loop.executor()), OkStatus());
  EXPECT_EQ(SayHello(transport, loop.executor()), OkStatus());
  RunOn(loop.executor(), [&] { transport.Replace(listener.NewIdentity()); });
  EXPECT_EQ(SayHello(transport, loop.executor()), OkStatus());
  EXPECT_EQ(controller.reused(), (std::vector<bool>{false, true, false}));
}

}  // namespace
}  // namespace flotilla::agent
