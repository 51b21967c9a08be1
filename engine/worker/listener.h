#ifndef FLOTILLA_ENGINE_WORKER_LISTENER_H_
#define FLOTILLA_ENGINE_WORKER_LISTENER_H_

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/status.h"
#include "base/unique_fd.h"

#include "engine/worker/connection.h"

namespace flotilla::engine {

// Accepts on one listening socket that other processes hold too. io_context's thread only.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  using Accepted = std::function<void(Connection::Socket)>;
  // Full: connections stay in the backlog until Resume.
  using Full = std::function<bool()>;

  // FAILED_PRECONDITION: not a listening stream socket.
  static StatusOr<std::shared_ptr<Listener>> Make(boost::asio::io_context& io, UniqueFd socket,
                                                  Accepted accepted, Full full);
  Listener(boost::asio::io_context& io, int domain, UniqueFd socket, Accepted accepted, Full full);

  // Accepts until Stop.
  void Resume();
  // Leaves the socket to its other holders.
  void Stop();

 private:
  enum class Outcome { kUnspecified = 0, kEmpty, kExhausted };
  Outcome AcceptAll();
  void OnReadable();

  boost::asio::io_context& io_;
  const int domain_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer timer_;
  Accepted accepted_;
  Full full_;
  bool waiting_ = false;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_LISTENER_H_
