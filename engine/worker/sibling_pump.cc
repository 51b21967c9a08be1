#include "engine/worker/sibling_pump.h"

#include <array>
#include <chrono>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "engine/worker/api_error.h"

namespace flotilla::engine {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// A sibling that is being replaced answers late, not never.
constexpr std::chrono::minutes kAnswerLimit{10};
constexpr std::size_t kMaxSocketPath = 107;

class SiblingPump : public std::enable_shared_from_this<SiblingPump> {
 public:
  SiblingPump(std::shared_ptr<Connection> connection, const HttpRequest& request)
      : connection_(std::move(connection)),
        sibling_(connection_->executor()),
        timer_(connection_->executor()),
        request_(ForwardedRequest(request)) {}

  void Start(const std::string& socket_path) {
    connection_->WatchClient([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->Stop();
      }
    });
    if (socket_path.size() > kMaxSocketPath) {
      Fail();
      return;
    }
    timer_.expires_after(kAnswerLimit);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) {
        self->CloseSibling();
      }
    });
    sibling_.async_connect(asio::local::stream_protocol::endpoint(socket_path),
                           [self = shared_from_this()](const error_code& error) {
                             if (error) {
                               self->Fail();
                             } else {
                               self->SendRequest();
                             }
                           });
  }

 private:
  void SendRequest() {
    asio::async_write(sibling_, asio::buffer(request_),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (error) {
                          self->Fail();
                        } else {
                          self->Pump();
                        }
                      });
  }

  void Pump() {
    sibling_.async_read_some(asio::buffer(bytes_),
                             [self = shared_from_this()](const error_code& error, std::size_t got) {
                               if (error) {
                                 self->OnEnd(error);
                               } else {
                                 self->OnBytes(got);
                               }
                             });
  }

  void OnBytes(std::size_t got) {
    timer_.cancel();
    answered_ = true;
    connection_->Send({bytes_.data(), got});
    // The next read waits for the client, so that a slow one holds no memory here.
    connection_->WhenWritten([self = shared_from_this()] { self->Pump(); });
  }

  void OnEnd(const error_code& error) {
    if (!answered_) {
      Fail();
      return;
    }
    Stop();
    if (error == asio::error::eof) {
      connection_->FinishAnswer(After::kClose);
    } else {
      // The client must not take a part for the whole.
      connection_->Close();
    }
  }

  void Fail() {
    Stop();
    const ApiError error = NoAnswer("the engine of this model does not answer");
    connection_->Send(WholeReply(
        {.status = error.status, .body = ErrorBody(error), .retry_after = error.retry_after},
        After::kClose));
    connection_->FinishAnswer(After::kClose);
  }

  void CloseSibling() {
    error_code ignored;
    sibling_.close(ignored);
  }

  void Stop() {
    timer_.cancel();
    CloseSibling();
  }

  std::shared_ptr<Connection> connection_;
  asio::local::stream_protocol::socket sibling_;
  asio::steady_timer timer_;
  std::string request_;
  std::array<char, std::size_t{16} * 1024> bytes_{};
  bool answered_ = false;
};

}  // namespace

void ForwardToSibling(const std::shared_ptr<Connection>& connection, const HttpRequest& request,
                      const std::string& socket_path) {
  std::make_shared<SiblingPump>(connection, request)->Start(socket_path);
}

}  // namespace flotilla::engine
