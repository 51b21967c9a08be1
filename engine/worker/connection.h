#ifndef FLOTILLA_ENGINE_WORKER_CONNECTION_H_
#define FLOTILLA_ENGINE_WORKER_CONNECTION_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "engine/worker/http_text.h"

namespace flotilla::engine {

// Where a connection came from: a sibling's requests are not forwarded again.
enum class Origin { kUnspecified = 0, kClient, kSibling };

// One HTTP/1.1 connection on a TCP or Unix socket: reads a request, hands it to the handler, writes
// what the handler sends, and starts again or closes. Lives on the io_context's one thread; keeps
// itself alive while something is under way.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using RequestHandler =
      std::function<void(const std::shared_ptr<Connection>&, const HttpRequest&)>;
  using ClosedHandler = std::function<void(Connection*)>;

  Connection(Socket socket, Origin origin, RequestHandler on_request, ClosedHandler on_closed);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() = default;

  void Start() { AwaitRequest(); }

  // Queues bytes for the client. Dropped when the connection is closed already.
  void Send(std::string_view bytes);
  // Calls `written` once all that was sent before is written; never when the connection is closed.
  // One at a time.
  void WhenWritten(std::function<void()> written);
  // The answer is complete: once it is written the connection waits for the next request or closes.
  void FinishAnswer(After after);
  // Calls `gone` (at most once) when the client closes before the answer is finished.
  void WatchClient(std::function<void()> gone);
  // Closes at once, unwritten bytes are lost.
  void Close();

  // From now on each answer is the connection's last. Idle connections stay open for one more
  // request.
  void BeginDrain() { draining_ = true; }
  // Closes if no request has begun to arrive.
  void CloseIfIdle();

  // What the next answer's head must say.
  After AfterFor(HttpVersion version, After wish) const;
  Origin origin() const { return origin_; }
  boost::asio::any_io_executor executor() { return socket_.get_executor(); }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class Phase { kUnspecified = 0, kIdle, kReading, kAnswering, kClosing, kClosed };

  void AwaitRequest();
  void ReadHead();
  void ReadBody();
  void OnRead(boost::beast::error_code error);
  void RefuseRequest(boost::beast::error_code error);
  void Write();
  void OnWritten();
  void OnClientReadable();
  void BeginClosing();
  void DiscardInput();
  void ArmTimer(std::chrono::seconds limit);

  Socket socket_;
  boost::asio::steady_timer timer_;
  const Origin origin_;
  RequestHandler on_request_;
  ClosedHandler on_closed_;
  Phase phase_ = Phase::kIdle;
  bool draining_ = false;

  boost::beast::flat_buffer input_;
  std::optional<Parser> parser_;
  std::function<void()> gone_;
  bool watching_ = false;

  std::string output_;
  std::string writing_;
  std::function<void()> written_;
  // Set once the answer is complete.
  std::optional<After> after_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_CONNECTION_H_
