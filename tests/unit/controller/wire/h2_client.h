#ifndef FLOTILLA_TESTS_UNIT_CONTROLLER_WIRE_H2_CLIENT_H_
#define FLOTILLA_TESTS_UNIT_CONTROLLER_WIRE_H2_CLIENT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "controller/wire/h2_parts.h"

namespace flotilla::controller {

// A frame as it is on the wire (RFC 9113, 4.1).
std::string H2Frame(std::uint8_t type, std::uint8_t flags, std::int32_t stream,
                    std::string_view payload);

struct H2RequestOptions {
  std::string method = "POST";
  std::string content_type = "application/grpc";
  std::vector<std::pair<std::string, std::string>> more;  // header fields
};

// The client's side of a connection by nghttp2. Holds no socket. Flow control is the test's: what
// comes is given back to the server only by Consume. One thread.
class H2Client {
 public:
  struct Answer {
    std::map<std::string, std::string> fields;  // of the head and of the trailers
    std::string body;
    bool ended = false;                   // END_STREAM came
    std::optional<std::uint32_t> closed;  // with this error
    int heads = 0;                        // HEADERS frames
    int window_updates = 0;
  };
  struct GoAway {
    std::int32_t last_stream = 0;
    std::uint32_t error = 0;
    std::string text;
  };

  // `window`: SETTINGS_INITIAL_WINDOW_SIZE.
  explicit H2Client(std::uint32_t window = 65535);

  std::int32_t Request(const std::string& path, const H2RequestOptions& options = {});
  // Bytes of the body, whatever they are.
  void Send(std::int32_t stream, std::string_view bytes);
  // Half close, after what is to be sent.
  void End(std::int32_t stream);
  void Reset(std::int32_t stream);
  void Ping();
  // Lets the server send as much as has come of the stream.
  void Consume(std::int32_t stream);

  // All bytes for the server.
  std::string Output();
  void Receive(std::string_view bytes);

  Answer& answer(std::int32_t stream) { return answers_[stream]; }
  const std::optional<GoAway>& goaway() const { return goaway_; }
  int ping_acks() const { return ping_acks_; }
  int pings() const { return pings_; }
  // Of SETTINGS that came.
  std::uint32_t remote_setting(nghttp2_settings_id id) const;
  // Bytes of bodies that the server does not let it send yet.
  std::size_t unsent(std::int32_t stream) { return bodies_[stream].bytes.size(); }

 private:
  struct Body {
    std::string bytes;
    bool last = false;
  };
  static const nghttp2_session_callbacks* Callbacks();
  void OnFrame(const nghttp2_frame& frame);

  H2SessionPtr session_;
  std::map<std::int32_t, Body> bodies_;
  std::map<std::int32_t, Answer> answers_;
  std::map<std::int32_t, std::size_t> unconsumed_;
  std::optional<GoAway> goaway_;
  int ping_acks_ = 0;
  int pings_ = 0;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_UNIT_CONTROLLER_WIRE_H2_CLIENT_H_
