#ifndef FLOTILLA_TESTS_SUPPORT_CONNECT_PROXY_H_
#define FLOTILLA_TESTS_SUPPORT_CONNECT_PROXY_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace flotilla {

// An HTTP proxy as companies have them, on a free port of 127.0.0.1: it knows CONNECT to the places
// that it was given and answers everything else with 403. Its own thread; every method is
// thread-safe.
class ConnectProxy {
 public:
  struct Tunnel {
    std::string target;    // as it was asked for
    std::string head;      // of the request
    std::string greeting;  // the first bytes that went to the target
  };

  ConnectProxy();
  ~ConnectProxy();
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;

  // "http://127.0.0.1:PORT", also of a proxy that is away.
  std::string url() const;
  // What is asked for as `target` ("name:port") is at 127.0.0.1:`port`.
  void Know(const std::string& target, std::uint16_t port);
  // Only who sends this value of Proxy-Authorization is served; the others get 407. Empty: all are.
  void Demand(const std::string& authorization);
  // Ends every tunnel and answers every request with this status; 0: as before.
  void Refuse(int status);
  // Ends every tunnel and stops listening; it comes back on the same port. When these return, it is
  // so.
  void GoAway() { Stay(false); }
  void ComeBack() { Stay(true); }

  // The tunnels that were made so far, and the requests that were refused ("403 GET / HTTP/1.1").
  std::vector<Tunnel> tunnels() const;
  std::vector<std::string> refusals() const;

 private:
  struct Link {
    UniqueFd client;
    UniqueFd server;
    std::size_t tunnel = 0;
  };

  void Stay(bool here);
  void Run();
  // False: the wish to stop came.
  bool Turn();
  void Accept();
  UniqueFd Answer(const UniqueFd& client, const std::string& head);
  bool Carry(Link& link, int from, int to);
  bool Listen();

  UniqueFd listener_;
  UniqueFd wake_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint16_t> known_;
  std::string demanded_;
  int refuse_ = 0;
  bool stop_ = false;
  bool wanted_ = true;
  bool here_ = true;
  bool cut_ = false;
  std::condition_variable turned_;
  std::vector<Tunnel> tunnels_;
  std::vector<std::string> refusals_;
  std::list<Link> links_;  // of the thread alone
  std::thread thread_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_CONNECT_PROXY_H_
