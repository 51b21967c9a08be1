#ifndef FLOTILLA_CONTROLLER_WIRE_WIRE_SHARD_H_
#define FLOTILLA_CONTROLLER_WIRE_WIRE_SHARD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "controller/wire/wire_link.h"
#include "security/tls/tls_server.h"

namespace flotilla::controller {

struct WireOptions {
  H2Limits limits;
  WireTimes times;
  // Called, now and then, on a thread whose connections ended since the last time; empty: nobody
  // is.
  std::function<void()> on_quiet;
};

// A thread and its connections, over one epoll descriptor. Thread-safe.
class WireShard {
 public:
  // What is given outlives it. By errno: no descriptor.
  static StatusOr<std::unique_ptr<WireShard>> Start(const security::TlsServer& tls,
                                                    DeviceCalls& calls, const WireOptions& options,
                                                    const Clock& clock);
  // Closes what is open. Every call has ended before.
  ~WireShard();
  WireShard(const WireShard&) = delete;
  WireShard& operator=(const WireShard&) = delete;

  // Its handshake begins. `fd`: connected, non-blocking.
  void Adopt(UniqueFd fd, const std::string& peer);
  // No connection is taken any more; those without calls are closed, the others when their last
  // call ends.
  void GoAway();
  // Ends every call.
  void CloseAll();
  // Blocks until every user of a call is done; false: not within `limit`, which may be infinite.
  bool AwaitNoCalls(Duration limit);
  // Blocks until every user of a call is done, and no call begins any more. CloseAll came before.
  void AwaitLast();

 private:
  using LinkId = std::uint64_t;
  struct Watched {
    std::unique_ptr<WireLink> link;
    std::uint32_t events = 0;
  };

  WireShard(const security::TlsServer& tls, DeviceCalls& calls, const WireOptions& options,
            const Clock& clock, std::shared_ptr<WireInbox> inbox, UniqueFd epoll);
  void Work();
  // False: nothing waited.
  bool TakeInbox();
  void TakeOrders(std::vector<WireOrder>& orders);
  void TakeArrival(WireArrival arrival);
  void TakeEnding(WireInbox::Ending ending);
  void OnReady(LinkId id);
  void LookAtTime();
  void Forget(LinkId id);
  // What became of the link after any of the above.
  void Settle(LinkId id, const Status& status);
  int WaitMillis() const;

  const security::TlsServer& tls_;
  const Clock& clock_;
  const std::shared_ptr<WireInbox> inbox_;
  const UniqueFd epoll_;
  std::array<std::uint8_t, std::size_t{16} * 1024> buffer_{};
  const WireShared shared_;
  const std::function<void()> on_quiet_;
  // The thread's.
  std::unordered_map<LinkId, Watched> links_;
  std::vector<LinkId> again_;  // have more to read than was their share
  LinkId last_id_ = 0;
  bool ended_any_ = false;  // since on_quiet_ was called
  Duration next_look_;
  WireInbox::Ending ending_ = WireInbox::Ending::kNot;
  std::thread thread_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_WIRE_SHARD_H_
