#include "controller/http/tcp_relay.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "controller/http/tcp_listen.h"

namespace flotilla::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kPieceBytes = std::size_t{32} * 1024;
constexpr auto kAcceptAgain = std::chrono::milliseconds(100);

// One connection and its other half. Lives as long as an operation of it is under way.
class Pair : public std::enable_shared_from_this<Pair> {
 public:
  Pair(tcp::socket from, asio::io_context& context)
      : resolver_(context), near_(std::move(from)), far_(context) {}

  void Open(const std::string& target) {
    const std::size_t colon = target.rfind(':');
    if (colon == std::string::npos) {
      return;  // closes it
    }
    std::string host = target.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
      host = host.substr(1, host.size() - 2);
    }
    resolver_.async_resolve(
        host, target.substr(colon + 1),
        [self = shared_from_this()](error_code error, const tcp::resolver::results_type& found) {
          if (!error) {
            self->Connect(found);
          }
        });
  }

 private:
  struct Way {
    tcp::socket& from;
    tcp::socket& to;
    std::array<char, kPieceBytes> bytes;
  };

  void Connect(const tcp::resolver::results_type& found) {
    asio::async_connect(far_, found,
                        [self = shared_from_this()](error_code error, const tcp::endpoint&) {
                          if (!error) {
                            self->Carry();
                          }
                        });
  }

  void Carry() {
    error_code ignored;
    near_.set_option(tcp::no_delay(true), ignored);
    far_.set_option(tcp::no_delay(true), ignored);
    ways_[0] = std::make_unique<Way>(Way{near_, far_, {}});
    ways_[1] = std::make_unique<Way>(Way{far_, near_, {}});
    Read(*ways_[0]);
    Read(*ways_[1]);
  }

  void Read(Way& way) {
    way.from.async_read_some(asio::buffer(way.bytes),
                             [self = shared_from_this(), &way](error_code error, std::size_t read) {
                               error ? self->End(way) : self->Write(way, read);
                             });
  }

  void Write(Way& way, std::size_t bytes) {
    asio::async_write(way.to, asio::buffer(way.bytes.data(), bytes),
                      [self = shared_from_this(), &way](error_code error, std::size_t) {
                        error ? self->Close() : self->Read(way);
                      });
  }

  // One end has nothing more to say; the other may have.
  void End(Way& way) {
    error_code ignored;
    way.to.shutdown(tcp::socket::shutdown_send, ignored);
    if (++ended_ == 2) {
      Close();
    }
  }

  void Close() {
    error_code ignored;
    near_.close(ignored);
    far_.close(ignored);
  }

  tcp::resolver resolver_;
  tcp::socket near_;
  tcp::socket far_;
  std::array<std::unique_ptr<Way>, 2> ways_;
  int ended_ = 0;
};

}  // namespace

struct TcpRelay::Impl {
  struct Listener {
    tcp::acceptor acceptor;
    std::function<std::string()> target;
    asio::steady_timer pause;
  };

  void Accept(Listener& listener) {
    listener.acceptor.async_accept(
        context, [this, &listener](error_code error, tcp::socket socket) {
          if (error == asio::error::operation_aborted) {
            return;
          }
          if (error) {  // no descriptor is left: some will be
            listener.pause.expires_after(kAcceptAgain);
            listener.pause.async_wait([this, &listener](error_code) { Accept(listener); });
            return;
          }
          std::make_shared<Pair>(std::move(socket), context)->Open(listener.target());
          Accept(listener);
        });
  }

  asio::io_context context;
  std::vector<std::unique_ptr<Listener>> listeners;
  std::vector<std::uint16_t> ports;
  std::thread thread;
};

TcpRelay::TcpRelay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TcpRelay::~TcpRelay() {
  Stop();
}

StatusOr<std::unique_ptr<TcpRelay>> TcpRelay::Start(const std::vector<RelayedListener>& listeners) {
  auto impl = std::make_unique<Impl>();
  for (const RelayedListener& wanted : listeners) {
    tcp::acceptor acceptor(impl->context);
    FLOTILLA_RETURN_IF_ERROR(Listen(acceptor, wanted.address, wanted.port));
    error_code ignored;
    impl->ports.push_back(acceptor.local_endpoint(ignored).port());
    impl->listeners.push_back(std::make_unique<Impl::Listener>(
        Impl::Listener{std::move(acceptor), wanted.target, asio::steady_timer(impl->context)}));
    impl->Accept(*impl->listeners.back());
  }
  impl->thread = std::thread([&context = impl->context] { context.run(); });
  return std::unique_ptr<TcpRelay>(new TcpRelay(std::move(impl)));
}

const std::vector<std::uint16_t>& TcpRelay::ports() const {
  return impl_->ports;
}

void TcpRelay::Stop() {
  impl_->context.stop();
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

}  // namespace flotilla::http
