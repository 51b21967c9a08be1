#include "controller/http/https_connection.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "base/log.h"
#include "controller/http/file_pieces.h"
#include "controller/http/request_access.h"

namespace flotilla::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;

constexpr std::uint32_t kMaxHeaderBytes = 16U << 10U;
constexpr std::size_t kMaxBodyBytes = 64U << 10U;
constexpr std::size_t kMaxLinger = std::size_t{16} << 20U;
constexpr std::size_t kMaxEventBacklog = 256U << 10U;
constexpr auto kQuickLimit = std::chrono::seconds(30);
constexpr auto kProgressLimit = std::chrono::seconds(120);

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::ip::tcp::socket socket, asio::ssl::context& tls,
             std::shared_ptr<const ConnectionScope> scope)
      : stream_(std::move(socket), tls), scope_(std::move(scope)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (subscription_ != 0) {
      scope_->events->Unsubscribe(subscription_);
    }
  }

  void Start() {
    Limit(kQuickLimit);
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [self = shared_from_this()](error_code error) {
                              if (!error) {
                                self->ReadHeader();
                              }
                            });
  }

 private:
  void Limit(std::chrono::seconds limit) { beast::get_lowest_layer(stream_).expires_after(limit); }

  void ReadHeader() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(boost::none);
    Limit(kProgressLimit);
    bhttp::async_read_header(
        stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
          if (!error) {
            self->Dispatch();
          } else if (error != bhttp::error::end_of_stream &&
                     error.category() ==
                         bhttp::make_error_code(bhttp::error::bad_method).category()) {
            self->keep_alive_ = false;
            self->Send(ProblemResponse(
                InvalidArgument("not HTTP/1.1 that can be read: " + error.message())));
          }
        });
  }

  void Dispatch() {
    const auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    request_ = Request();
    request_.method = std::string(message.method_string());
    const std::string target(message.target());
    const std::size_t question = target.find('?');
    request_.path = target.substr(0, question);
    request_.query = ParseQuery(
        question == std::string::npos ? "" : std::string_view(target).substr(question + 1));
    for (const auto& field : message) {
      std::string name(field.name_string());
      for (char& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      }
      request_.headers[name] = std::string(field.value());
    }
    const auto route = FindPermitted();
    if (!route.ok()) {
      keep_alive_ = keep_alive_ && parser_->is_done();
      return Send(ProblemResponse(route.status()));
    }
    if (const auto* upload = std::get_if<UploadHandler>(&(*route)->handler)) {
      auto sink = (*upload)(request_);
      if (!sink.ok()) {
        keep_alive_ = false;
        return Send(ProblemResponse(sink.status()));
      }
      sink_ = std::move(*sink);
    }
    handler_ = std::get_if<Handler>(&(*route)->handler);
    if (bhttp::token_list(request_.Header("expect")).exists("100-continue")) {
      return SendContinue();
    }
    ReadBody();
  }

  StatusOr<const Route*> FindPermitted() {
    const std::string method = request_.method == "HEAD" ? "GET" : request_.method;
    auto route = scope_->router.Find(request_.method, request_.path);
    if (!route.ok() && method != request_.method) {
      route = scope_->router.Find(method, request_.path);
    }
    FLOTILLA_RETURN_IF_ERROR(route.status());
    FLOTILLA_RETURN_IF_ERROR(
        CheckAccess(scope_->checks, stream_.native_handle(), **route, request_));
    return route;
  }

  void SendContinue() {
    auto response =
        std::make_shared<bhttp::response<bhttp::empty_body>>(bhttp::status::continue_, 11);
    bhttp::async_write(stream_, *response,
                       [self = shared_from_this(), response](error_code error, std::size_t) {
                         if (!error) {
                           self->ReadBody();
                         }
                       });
  }

  void ReadBody() {
    if (parser_->is_done()) {
      return Handle();
    }
    Limit(kProgressLimit);
    parser_->get().body().data = piece_.data();
    parser_->get().body().size = piece_.size();
    bhttp::async_read(
        stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
          if (error && error != bhttp::error::need_buffer) {
            return;  // the client left; what the sink has taken stays for a resumed upload
          }
          self->TakePiece();
        });
  }

  void TakePiece() {
    const std::size_t length = piece_.size() - parser_->get().body().size;
    Status status = OkStatus();
    if (sink_ != nullptr) {
      status = sink_->Write(ByteView(piece_.data(), length));
    } else if (request_.body.size() + length > kMaxBodyBytes) {
      status = ResourceExhausted("the body is larger than 64 KiB");
    } else {
      request_.body += AsText(ByteView(piece_.data(), length));
    }
    if (!status.ok()) {
      keep_alive_ = false;
      sink_.reset();
      return Send(ProblemResponse(status));
    }
    ReadBody();
  }

  void Handle() {
    if (sink_ != nullptr) {
      Response response = sink_->Finish();
      sink_.reset();
      return Send(std::move(response));
    }
    (*handler_)(request_, [self = shared_from_this()](Response response) {
      asio::post(self->stream_.get_executor(),
                 [self, kept = std::move(response)]() mutable { self->Send(std::move(kept)); });
    });
  }

  void Send(Response response) {
    Limit(kProgressLimit);
    if (auto* text = std::get_if<std::string>(&response.body)) {
      auto message = std::make_shared<bhttp::response<bhttp::string_body>>();
      FillHeader(*message, response);
      message->content_length(text->size());
      if (request_.method != "HEAD") {
        message->body() = std::move(*text);
      }
      return SendWhole(message);
    }
    auto header = std::make_shared<bhttp::response<bhttp::empty_body>>();
    FillHeader(*header, response);
    if (const auto* slice = std::get_if<FileSlice>(&response.body)) {
      auto pieces = FilePieces::Open(*slice);
      if (!pieces.ok()) {
        return Send(ProblemResponse(pieces.status()));
      }
      file_ = std::move(*pieces);
      header->content_length(slice->length);
    } else {
      header->keep_alive(false);
      keep_alive_ = false;
    }
    SendHeader(header, std::move(response));
  }

  template <typename Message>
  void FillHeader(Message& message, const Response& response) {
    message.version(11);
    message.result(response.status);
    message.keep_alive(keep_alive_);
    message.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : response.headers) {
      message.set(name, value);
    }
  }

  void SendWhole(const std::shared_ptr<bhttp::response<bhttp::string_body>>& message) {
    // A HEAD answer carries the length of a body that is not sent.
    auto serializer = std::make_shared<bhttp::response_serializer<bhttp::string_body>>(*message);
    auto done = [self = shared_from_this(), message, serializer](error_code error, std::size_t) {
      if (!error) {
        self->Next();
      }
    };
    if (request_.method == "HEAD") {
      bhttp::async_write_header(stream_, *serializer, std::move(done));
    } else {
      bhttp::async_write(stream_, *serializer, std::move(done));
    }
  }

  void SendHeader(const std::shared_ptr<bhttp::response<bhttp::empty_body>>& header,
                  Response response) {
    auto serializer = std::make_shared<bhttp::response_serializer<bhttp::empty_body>>(*header);
    bhttp::async_write_header(stream_, *serializer,
                              [self = shared_from_this(), header, serializer,
                               kept = std::move(response)](error_code error, std::size_t) {
                                if (error) {
                                  return;
                                }
                                if (const auto* events = std::get_if<EventStream>(&kept.body)) {
                                  self->StreamEvents(events->after_id);
                                } else if (self->request_.method == "HEAD") {
                                  self->file_.reset();
                                  self->Next();
                                } else {
                                  self->SendPiece();
                                }
                              });
  }

  void SendPiece() {
    const auto length = file_->Read(piece_);
    if (!length.ok()) {
      LogStatus(LogLevel::kError, "http.file_read_failed", length.status());
      return;  // the connection closes short of its length: the client sees that bytes are missing
    }
    if (*length == 0) {
      file_.reset();
      return Next();
    }
    Limit(kProgressLimit);
    asio::async_write(stream_, asio::buffer(piece_.data(), *length),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (!error) {
                          self->SendPiece();
                        }
                      });
  }

  void StreamEvents(std::uint64_t after_id) {
    beast::get_lowest_layer(stream_).expires_never();
    QueueFrame(": flotilla\n\n");
    subscription_ = scope_->events->Subscribe(
        after_id,
        [weak = weak_from_this(), executor = stream_.get_executor()](const std::string& frame) {
          asio::post(executor, [weak, frame] {
            if (const auto self = weak.lock()) {
              self->TakeEvent(frame);
            }
          });
        });
    WatchForLeave();
  }

  // A listener whose certificate was revoked, or whose token is over, hears no more.
  void TakeEvent(const std::string& frame) {
    if (request_.peer.has_value() && !scope_->checks.standing(*request_.peer).ok()) {
      return Close();
    }
    QueueFrame(frame);
  }

  // Nothing more is expected from a listener of events: a read that ends means that it left.
  void WatchForLeave() {
    stream_.async_read_some(asio::buffer(piece_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (!error) {
                                return self->WatchForLeave();
                              }
                              self->Close();
                            });
  }

  void QueueFrame(const std::string& frame) {
    backlog_bytes_ += frame.size();
    frames_.push_back(frame);
    if (backlog_bytes_ > kMaxEventBacklog) {
      return Close();
    }
    if (frames_.size() == 1) {
      WriteFrame();
    }
  }

  void WriteFrame() {
    asio::async_write(stream_, asio::buffer(frames_.front()),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) {
                          return self->Close();
                        }
                        self->backlog_bytes_ -= self->frames_.front().size();
                        self->frames_.pop_front();
                        if (!self->frames_.empty()) {
                          self->WriteFrame();
                        }
                      });
  }

  void Next() {
    if (keep_alive_) {
      return ReadHeader();
    }
    Limit(kQuickLimit);
    if (!parser_->is_done()) {
      return Linger(kMaxLinger);
    }
    stream_.async_shutdown([self = shared_from_this()](error_code) {});
  }

  // The client still sends a body that was refused: closing now would reset the connection and take
  // the answer away before it is read (RFC 9112 section 9.6).
  void Linger(std::size_t left) {
    stream_.async_read_some(asio::buffer(piece_), [self = shared_from_this(), left](
                                                      error_code error, std::size_t length) {
      if (error || length >= left) {
        return self->Close();
      }
      self->Linger(left - length);
    });
  }

  void Close() { beast::get_lowest_layer(stream_).close(); }

  beast::ssl_stream<beast::tcp_stream> stream_;
  std::shared_ptr<const ConnectionScope> scope_;
  beast::flat_buffer buffer_;
  std::optional<bhttp::request_parser<bhttp::buffer_body>> parser_;
  Request request_;
  const Handler* handler_ = nullptr;
  std::unique_ptr<BodySink> sink_;
  std::unique_ptr<FilePieces> file_;
  std::array<std::uint8_t, 128U << 10U> piece_{};
  std::deque<std::string> frames_;
  std::size_t backlog_bytes_ = 0;
  std::uint64_t subscription_ = 0;
  bool keep_alive_ = false;
};

}  // namespace

void ServeConnection(asio::ip::tcp::socket socket, asio::ssl::context& tls,
                     std::shared_ptr<const ConnectionScope> scope) {
  std::make_shared<Connection>(std::move(socket), tls, std::move(scope))->Start();
}

}  // namespace flotilla::http
