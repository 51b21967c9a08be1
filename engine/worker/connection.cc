#include "engine/worker/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

#include "engine/worker/api_error.h"
#include "engine/worker/api_request.h"

namespace flotilla::engine {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::beast::error_code;

constexpr std::chrono::seconds kIdleLimit{300};
constexpr std::chrono::seconds kRequestLimit{30};
constexpr std::chrono::seconds kWriteLimit{60};
constexpr std::chrono::seconds kClosingLimit{2};
constexpr std::uint32_t kMaxHeadBytes = 16 * 1024;

std::string PathOf(const std::string& target) {
  return target.substr(0, target.find('?'));
}

}  // namespace

Connection::Connection(Socket socket, Origin origin, RequestHandler on_request,
                       ClosedHandler on_closed)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      origin_(origin),
      on_request_(std::move(on_request)),
      on_closed_(std::move(on_closed)) {}

void Connection::ArmTimer(std::chrono::seconds limit) {
  timer_.expires_after(limit);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    // A wait that ended just before it was replaced is of no meaning any more.
    if (!error && self->timer_.expiry() <= asio::steady_timer::clock_type::now()) {
      self->Close();
    }
  });
}

void Connection::AwaitRequest() {
  if (input_.size() > 0) {
    ReadHead();
    return;
  }
  phase_ = Phase::kIdle;
  ArmTimer(kIdleLimit);
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const error_code& error) {
    if (error) {
      self->Close();
    } else if (self->phase_ == Phase::kIdle) {
      self->ReadHead();
    }
  });
}

void Connection::ReadHead() {
  phase_ = Phase::kReading;
  ArmTimer(kRequestLimit);
  parser_.emplace();
  parser_->header_limit(kMaxHeadBytes);
  parser_->body_limit(kMaxBodyBytes);
  http::async_read_header(socket_, input_, *parser_,
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            if (error) {
                              self->RefuseRequest(error);
                            } else {
                              self->ReadBody();
                            }
                          });
}

void Connection::ReadBody() {
  if (boost::beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
    Send("HTTP/1.1 100 Continue\r\n\r\n");
    ArmTimer(kRequestLimit);
  }
  http::async_read(
      socket_, input_, *parser_,
      [self = shared_from_this()](const error_code& error, std::size_t) { self->OnRead(error); });
}

void Connection::OnRead(error_code error) {
  if (error) {
    RefuseRequest(error);
    return;
  }
  if (phase_ != Phase::kReading) {
    return;
  }
  phase_ = Phase::kAnswering;
  timer_.cancel();
  http::request<http::string_body> message = parser_->release();
  HttpRequest request;
  request.version = message.version() == 10 ? HttpVersion::k10 : HttpVersion::k11;
  request.method = std::string(message.method_string());
  request.path = PathOf(std::string(message.target()));
  request.after = message.keep_alive() ? After::kKeep : After::kClose;
  request.body = std::move(message.body());
  on_request_(shared_from_this(), request);
}

// What is not HTTP gets an answer, what just ends does not.
void Connection::RefuseRequest(error_code error) {
  if (phase_ != Phase::kReading) {
    return;
  }
  if (error == http::error::end_of_stream || error == http::error::partial_message ||
      error.category() != http::make_error_code(http::error::bad_method).category()) {
    Close();
    return;
  }
  ApiError reply = BadRequest("the request is not HTTP/1.1: " + error.message());
  if (error == http::error::body_limit) {
    reply = BadRequest("the body is larger than " + std::to_string(kMaxBodyBytes) + " bytes");
    reply.status = 413;
  } else if (error == http::error::header_limit) {
    reply.status = 431;
  }
  phase_ = Phase::kAnswering;
  Send(WholeReply({.status = reply.status, .body = ErrorBody(reply)}, After::kClose));
  FinishAnswer(After::kClose);
}

After Connection::AfterFor(HttpVersion version, After wish) const {
  const bool keep = !draining_ && version == HttpVersion::k11 && wish == After::kKeep;
  return keep ? After::kKeep : After::kClose;
}

void Connection::Send(std::string_view bytes) {
  if (phase_ == Phase::kClosed) {
    return;
  }
  output_ += bytes;
  if (writing_.empty() && !output_.empty()) {
    Write();
  }
}

void Connection::WhenWritten(std::function<void()> written) {
  if (phase_ == Phase::kClosed) {
    return;
  }
  if (writing_.empty()) {
    asio::post(socket_.get_executor(), std::move(written));
  } else {
    written_ = std::move(written);
  }
}

void Connection::Write() {
  writing_ = std::exchange(output_, {});
  ArmTimer(kWriteLimit);
  asio::async_write(socket_, asio::buffer(writing_),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      self->writing_.clear();
                      if (error) {
                        self->Close();
                      } else {
                        self->OnWritten();
                      }
                    });
}

void Connection::OnWritten() {
  if (phase_ == Phase::kClosed) {
    return;
  }
  if (!output_.empty()) {
    Write();
    return;
  }
  if (phase_ == Phase::kAnswering) {
    timer_.cancel();
  }
  if (written_) {
    std::exchange(written_, nullptr)();
  }
  // `written_` may have sent more.
  if (after_ && writing_.empty()) {
    const After after = *std::exchange(after_, std::nullopt);
    if (after == After::kKeep) {
      AwaitRequest();
    } else {
      BeginClosing();
    }
  }
}

void Connection::FinishAnswer(After after) {
  gone_ = nullptr;
  after_ = after;
  if (writing_.empty()) {
    OnWritten();
  }
}

void Connection::WatchClient(std::function<void()> gone) {
  gone_ = std::move(gone);
  if (watching_ || input_.size() > 0 || phase_ == Phase::kClosed) {
    return;
  }
  watching_ = true;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->watching_ = false;
    if (!error) {
      self->OnClientReadable();
    }
  });
}

// Readable while an answer is under way: the client is gone, or it sent its next request already.
void Connection::OnClientReadable() {
  if (!gone_) {
    return;
  }
  char byte = 0;
  const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
    std::exchange(gone_, nullptr)();
  }
}

// Closing with unread input would make the kernel send a reset, which can overtake the answer. So
// the client hears our end first and closes its own.
void Connection::BeginClosing() {
  phase_ = Phase::kClosing;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  ArmTimer(kClosingLimit);
  DiscardInput();
}

void Connection::DiscardInput() {
  input_.clear();
  socket_.async_read_some(input_.prepare(4096),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            if (error) {
                              self->Close();
                            } else if (self->phase_ == Phase::kClosing) {
                              self->DiscardInput();
                            }
                          });
}

void Connection::CloseIfIdle() {
  error_code ignored;
  if (phase_ == Phase::kIdle && socket_.available(ignored) == 0) {
    BeginClosing();
  }
}

void Connection::Close() {
  if (std::exchange(phase_, Phase::kClosed) == Phase::kClosed) {
    return;
  }
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
  written_ = nullptr;
  if (gone_) {
    std::exchange(gone_, nullptr)();
  }
  on_closed_(this);
}

}  // namespace flotilla::engine
