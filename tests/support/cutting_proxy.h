#ifndef FLOTILLA_TESTS_SUPPORT_CUTTING_PROXY_H_
#define FLOTILLA_TESTS_SUPPORT_CUTTING_PROXY_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace flotilla {

// Stands between the clients of a unix socket and its server, on a socket of the same name in a
// folder of its own, and cuts connections: after a count of bytes towards the server or back, all
// bytes before the cut delivered. Its own thread; every method is thread-safe.
class CuttingProxy {
 public:
  enum class Side { kUnspecified, kToServer, kToClient };

  explicit CuttingProxy(const std::filesystem::path& server_socket);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  // Where clients connect: the folder of its socket.
  const std::filesystem::path& folder() const { return folder_.path(); }
  // Cuts the connection that carries the byte after the next `bytes` of this side. Once.
  void CutAfter(Side side, std::uint64_t bytes);
  // Holds back the first piece towards the server that holds `text`, and ends that client's side.
  // Delivers it once another connection has sent a piece that holds `release`, behind it; then the
  // server's side ends. Once.
  void HoldBack(const std::string& text, const std::string& release);
  // While it refuses, connections are taken and ended at once.
  void Refuse(bool refuse);
  // Bytes carried so far.
  std::uint64_t carried(Side side) const;
  // Cuts and holds that took place.
  int cuts() const { return cuts_; }

 private:
  struct Link {
    UniqueFd client;
    UniqueFd server;
    std::string held;
  };

  void Run();
  void Accept();
  // Carries what has come from this side; false when the link has ended.
  bool Carry(Link& link, Side side);
  // Carries a piece as the orders say; false when the link has ended.
  bool Deliver(Link& link, Side side, const std::string& piece);
  // Delivers what is held.
  void Release();

  const std::filesystem::path server_socket_;
  TempDir folder_;
  UniqueFd listener_;
  UniqueFd stop_;
  std::atomic<bool> refuse_ = false;
  std::atomic<int> cuts_ = 0;
  mutable std::mutex mutex_;
  std::array<std::uint64_t, 3> carried_ = {};
  Side cut_side_ = Side::kUnspecified;
  std::uint64_t cut_after_ = 0;
  std::string hold_text_;
  std::string release_text_;
  std::list<Link> links_;
  std::thread thread_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_CUTTING_PROXY_H_
