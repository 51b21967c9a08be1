// A DeviceListener on a free port of the loopback, and calls that the tests know all about.
#ifndef FLOTILLA_TESTS_INTEGRATION_CONTROLLER_WIRE_LISTENER_WORLD_H_
#define FLOTILLA_TESTS_INTEGRATION_CONTROLLER_WIRE_LISTENER_WORLD_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/os_clock.h"
#include "controller/session/admission_gate.h"
#include "controller/wire/device_listener.h"
#include "tests/unit/controller/wire/h2_client.h"
#include "tests/unit/security/tls/tls_client.h"

namespace flotilla::controller {

// No test takes so long.
inline constexpr std::chrono::seconds kLongWait(20);

// What calls do, by their path:
//   /echo     gives back each message; ends with the client
//   /size     answers a number with a message of so many bytes; ends
//   /fail     ends at once, with a reason and a wait
//   /hold     says and reads nothing; ends when the client leaves
//   /forever  writes messages of 64 KiB without end
class ListenerCalls final : public DeviceCalls {
 public:
  struct Counts {
    int begun = 0;
    int cancelled = 0;
    int done = 0;
  };

  std::shared_ptr<DeviceCallUser> Begin(const CallHead& head,
                                        std::shared_ptr<DeviceCall> call) override;
  // Called on the listener's threads.
  void set_on_begin(std::function<void()> on_begin) { on_begin_ = std::move(on_begin); }
  void set_on_done(std::function<void()> on_done) { on_done_ = std::move(on_done); }

  // False: not in a long time.
  bool Await(const std::function<bool(const Counts&)>& condition);
  Counts counts();
  CallHead last_head();
  std::size_t threads();
  // Messages of /forever that were written.
  int written() const { return written_; }

 private:
  class User;
  void Note(int Counts::*what);

  std::mutex mutex_;
  std::condition_variable changed_;
  Counts counts_;
  CallHead last_head_;
  std::set<std::thread::id> threads_;
  std::atomic<int> written_ = 0;
  std::function<void()> on_begin_;
  std::function<void()> on_done_;
};

class ListenerWorld : public testing::Test {
 protected:
  ListenerWorld();
  void Start();

  const security::CertificateAuthority authority_ = security::NewAuthority();
  const security::TlsIdentityPem device_ = security::DeviceIdentity(authority_, "gate-1");
  OsClock clock_;
  AdmissionGate gate_;
  ListenerCalls calls_;
  DeviceListenerOptions options_;  // set before Start
  std::unique_ptr<DeviceListener> listener_;
};

// A client whose every byte is the test's. Blocks, but never for long.
class RawClient {
 public:
  // A connection without a word.
  static UniqueFd Connect(std::uint16_t port);
  // Past the handshake; HTTP/2 has not begun.
  RawClient(std::uint16_t port, const security::TlsIdentityPem& identity,
            std::uint32_t window = 65535);

  H2Client& h2() { return h2_; }
  // Sends what HTTP/2 has to say.
  void Say() { tls_.Write(h2_.Output()); }
  void SayRaw(const std::string& bytes) { tls_.Write(bytes); }
  // Says and hears until `condition`; false: not in a long time, or the server closed.
  bool TalkUntil(const std::function<bool()>& condition);
  // Only hears until then.
  bool HearUntil(const std::function<bool()>& condition);
  // The server closed the connection.
  bool closed() const { return closed_; }
  void Vanish() { tls_.Close(); }

 private:
  void Hear();

  security::TlsClient tls_;
  H2Client h2_;
  bool closed_ = false;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_INTEGRATION_CONTROLLER_WIRE_LISTENER_WORLD_H_
