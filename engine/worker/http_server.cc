#include "engine/worker/http_server.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "engine/worker/api_handler.h"
#include "engine/worker/connection.h"
#include "engine/worker/listener.h"

namespace flotilla::engine {

struct HttpServer::Impl {
  Impl(const HttpServerParts& parts, ModelRoutes routes)
      : queue(parts.queue),
        handler(parts.queue, std::move(routes), parts.counters, parts.mail, parts.clock,
                parts.random) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    io.stop();
    if (thread.joinable()) {
      thread.join();
    }
    // Its jobs hold connections, which must not outlive the io_context.
    queue.Stop();
  }

  Status Listen(UniqueFd socket, Origin origin) {
    FLOTILLA_ASSIGN_OR_RETURN(
        auto listener,
        Listener::Make(
            io, std::move(socket),
            [this, origin](Connection::Socket accepted) { Add(std::move(accepted), origin); },
            [this] { return connections.size() >= kMaxConnections; }));
    listeners.push_back(std::move(listener));
    return OkStatus();
  }

  void Add(Connection::Socket socket, Origin origin) {
    const auto connection = std::make_shared<Connection>(
        std::move(socket), origin,
        [this](const std::shared_ptr<Connection>& from, const HttpRequest& request) {
          handler.Handle(from, request);
        },
        [this](Connection* closed) { Remove(closed); });
    connections.emplace(connection.get(), connection);
    connection->Start();
  }

  void Remove(Connection* closed) {
    connections.erase(closed);
    if (draining) {
      drained = connections.empty();
      return;
    }
    for (const auto& listener : listeners) {
      listener->Resume();
    }
  }

  void BeginDrain(std::chrono::nanoseconds grace) {
    if (std::exchange(draining, true)) {
      return;
    }
    for (const auto& listener : listeners) {
      listener->Stop();
    }
    for (const auto& [key, connection] : connections) {
      connection->BeginDrain();
    }
    drained = connections.empty();
    grace_timer.expires_after(grace);
    grace_timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) {
        CloseIdle();
      }
    });
  }

  void CloseIdle() {
    // A copy: closing removes from the map.
    const auto open = connections;
    for (const auto& [key, connection] : open) {
      connection->CloseIfIdle();
    }
    // One that was answering may become idle, one that was read from may have nothing to say.
    grace_timer.expires_after(std::chrono::milliseconds(50));
    grace_timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) {
        CloseIdle();
      }
    });
  }

  GenerationQueue& queue;
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
      boost::asio::make_work_guard(io);
  boost::asio::steady_timer grace_timer{io};
  ApiHandler handler;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
  bool draining = false;
  std::atomic<bool> drained = false;
  std::thread thread;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() = default;

StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerParts& parts,
                                                        ModelRoutes routes,
                                                        std::vector<UniqueFd> tcp,
                                                        UniqueFd sibling) {
  auto impl = std::make_unique<Impl>(parts, std::move(routes));
  for (UniqueFd& socket : tcp) {
    FLOTILLA_RETURN_IF_ERROR(impl->Listen(std::move(socket), Origin::kClient));
  }
  if (sibling.valid()) {
    FLOTILLA_RETURN_IF_ERROR(impl->Listen(std::move(sibling), Origin::kSibling));
  }
  for (const auto& listener : impl->listeners) {
    listener->Resume();
  }
  impl->thread = std::thread([io = &impl->io] { io->run(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

void HttpServer::Drain(Duration grace) {
  boost::asio::post(impl_->io, [impl = impl_.get(), grace] {
    impl->BeginDrain(absl::ToChronoNanoseconds(grace));
  });
}

bool HttpServer::drained() const {
  return impl_->drained;
}

}  // namespace flotilla::engine
