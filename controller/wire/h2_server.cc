#include "controller/wire/h2_server.h"

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "controller/wire/call_fields.h"
#include "controller/wire/h2_parts.h"
#include "controller/wire/h2_stream.h"

namespace flotilla::controller {
namespace {

// Frames that wait for the peer to read: more is a peer that only writes.
constexpr std::size_t kMostQueued = 1000;
constexpr char kTooManyPings[] = "too_many_pings";  // gRPC's word: its clients ping less then

enum class Answer { kUnspecified = 0, kNone, kBegun, kEnded };

struct Stream {
  Stream(std::int32_t id_in, std::size_t max_message_bytes) : id(id_in), in(max_message_bytes) {}

  const std::int32_t id;
  std::optional<H2Head> head = H2Head();  // until the call was told of
  H2Inbox in;
  H2Outbox out;
  Answer answer = Answer::kNone;
  std::optional<Status> end;  // what it is to end with, or ended with
  bool head_is_whole = false;
  bool peer_ended = false;
  bool wanted = false;   // the next message
  bool written = false;  // and not told yet
  bool closed = false;
};

std::vector<nghttp2_nv> AnswerHead() {
  return {H2Field(":status", "200"), H2Field("content-type", "application/grpc")};
}

Status H2Error(int code) {
  return InvalidArgument(absl::StrCat("HTTP/2: ", nghttp2_strerror(code)));
}

}  // namespace

struct H2Server::Impl {
  Impl(const H2Limits& limits_in, H2ServerEvents& events_in)
      : limits(limits_in), events(events_in) {}

  Stream* Find(std::int32_t id) {
    const auto found = streams.find(id);
    return found == streams.end() || found->second.closed ? nullptr : &found->second;
  }

  // Tells of everything that happened since.
  void Settle();
  void Settle(Stream& stream);
  void Begin(Stream& stream);
  void Release(Stream& stream);
  void End(Stream& stream, const Status& status);
  void OnPing();

  // What nghttp2 tells (H2CallbacksTo).
  void OnBeginHeaders(const nghttp2_frame& frame);
  void OnHeader(std::int32_t id, std::string_view name, std::string_view value);
  void OnFrame(const nghttp2_frame& frame);
  void OnData(std::int32_t id, std::span<const std::uint8_t> bytes);
  void OnSent(const nghttp2_frame& frame);
  void OnStreamClosed(std::int32_t id);
  ssize_t Give(Stream& stream, std::span<std::uint8_t> out, std::uint32_t& flags);

  const H2Limits limits;
  H2ServerEvents& events;
  H2SessionPtr session;
  std::map<std::int32_t, Stream> streams;
  std::vector<std::int32_t> touched;
  Duration now = absl::ZeroDuration();
  Duration last_ping = -absl::InfiniteDuration();
  int sooner_pings = 0;
  bool banned = false;
  bool going_away = false;
};

void H2Server::Impl::Settle() {
  while (!touched.empty()) {
    for (const std::int32_t id : std::exchange(touched, {})) {
      if (const auto found = streams.find(id); found != streams.end()) {
        Settle(found->second);
        if (found->second.closed) {
          const bool told = !found->second.head.has_value();
          streams.erase(found);
          if (told) {
            events.OnClosed(id);
          }
        }
      }
    }
  }
}

void H2Server::Impl::Settle(Stream& stream) {
  if (stream.head.has_value() && stream.head_is_whole && !stream.closed &&
      !stream.end.has_value()) {
    Begin(stream);
  }
  while (stream.wanted && !stream.closed && !stream.end.has_value() && !stream.in.empty()) {
    stream.wanted = false;
    const std::string message = stream.in.Take();
    Release(stream);
    events.OnMessage(stream.id, message);
  }
  if (stream.wanted && stream.peer_ended && !stream.closed && !stream.end.has_value()) {
    stream.wanted = false;
    if (stream.in.cut_short()) {
      End(stream, InvalidArgument("a message that was cut short"));
    } else {
      events.OnEndOfMessages(stream.id);
    }
  }
  if (std::exchange(stream.written, false) && !stream.closed) {
    events.OnWritten(stream.id);
  }
}

void H2Server::Impl::Begin(Stream& stream) {
  const H2Head head = *std::exchange(stream.head, std::nullopt);
  if (head.bytes > limits.header_bytes) {
    stream.head = H2Head();  // nobody hears of it
    End(stream,
        ResourceExhausted(absl::StrCat("headers of more than ", limits.header_bytes, " bytes")));
  } else if (!head.IsGrpc()) {
    stream.head = H2Head();
    stream.end = InvalidArgument("not gRPC");
    const std::array fields = {H2Field(":status", "415")};
    stream.answer = Answer::kEnded;
    nghttp2_submit_response(session.get(), stream.id, fields.data(), fields.size(), nullptr);
  } else {
    events.OnCall(stream.id, head.path, head.timeout);
  }
}

void H2Server::Impl::Release(Stream& stream) {
  if (const std::size_t bytes = stream.in.TakeReleased(); bytes > 0) {
    nghttp2_session_consume_stream(session.get(), stream.id, bytes);
  }
}

void H2Server::Impl::End(Stream& stream, const Status& status) {
  if (stream.end.has_value()) {
    return;
  }
  stream.end = status;
  if (stream.answer == Answer::kBegun) {
    nghttp2_session_resume_data(session.get(), stream.id);
    return;
  }
  stream.answer = Answer::kEnded;
  const std::vector<HeaderField> trailers = TrailersOf(status);
  std::vector<nghttp2_nv> fields = AnswerHead();
  AppendFields(trailers, fields);
  nghttp2_submit_response(session.get(), stream.id, fields.data(), fields.size(), nullptr);
}

ssize_t H2Server::Impl::Give(Stream& stream, std::span<std::uint8_t> out, std::uint32_t& flags) {
  const bool had = !stream.out.empty();
  const std::size_t given = stream.out.Take(out);
  if (had && stream.out.empty()) {
    stream.written = true;
    touched.push_back(stream.id);
  }
  if (stream.out.empty() && stream.end.has_value()) {
    flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    stream.answer = Answer::kEnded;
    const std::vector<HeaderField> trailers = TrailersOf(*stream.end);
    std::vector<nghttp2_nv> fields;
    AppendFields(trailers, fields);
    nghttp2_submit_trailer(session.get(), stream.id, fields.data(), fields.size());
  } else if (given == 0) {
    return NGHTTP2_ERR_DEFERRED;
  }
  return static_cast<ssize_t>(given);
}

void H2Server::Impl::OnPing() {
  if (now - last_ping >= limits.ping_interval) {
    sooner_pings = 0;
  } else if (++sooner_pings > limits.sooner_pings && !banned) {
    banned = true;
    nghttp2_submit_goaway(
        session.get(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session.get()),
        NGHTTP2_ENHANCE_YOUR_CALM, reinterpret_cast<const std::uint8_t*>(kTooManyPings),
        sizeof kTooManyPings - 1);
  }
  last_ping = now;
}

void H2Server::Impl::OnBeginHeaders(const nghttp2_frame& frame) {
  if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
    const std::int32_t id = frame.hd.stream_id;
    streams.try_emplace(id, id, limits.message_bytes);
  }
}

void H2Server::Impl::OnHeader(std::int32_t id, std::string_view name, std::string_view value) {
  Stream* const stream = Find(id);
  if (stream != nullptr && stream->head.has_value() && !stream->head_is_whole &&
      stream->head->bytes <= limits.header_bytes) {
    stream->head->Take(name, value);
  }
}

void H2Server::Impl::OnFrame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_PING && (frame.hd.flags & NGHTTP2_FLAG_ACK) == 0) {
    OnPing();
  }
  Stream* const stream = Find(frame.hd.stream_id);
  if (stream != nullptr && (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA)) {
    stream->head_is_whole = true;
    stream->peer_ended |= (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    touched.push_back(stream->id);
  }
}

void H2Server::Impl::OnData(std::int32_t id, std::span<const std::uint8_t> bytes) {
  nghttp2_session_consume_connection(session.get(), bytes.size());
  Stream* const stream = Find(id);
  if (stream == nullptr || stream->end.has_value()) {
    nghttp2_session_consume_stream(session.get(), id, bytes.size());
  } else if (const Status fed = stream->in.Feed(bytes); fed.ok()) {
    Release(*stream);
    touched.push_back(id);
  } else {
    End(*stream, fed);
  }
}

void H2Server::Impl::OnSent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) {
    // A client pings to measure the connection while a long message comes.
    sooner_pings = 0;
  }
  const bool last = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (frame.hd.type == NGHTTP2_HEADERS && last &&
      nghttp2_session_get_stream_remote_close(session.get(), frame.hd.stream_id) == 0) {
    // It was answered to the end: the rest of the question is not wanted.
    nghttp2_submit_rst_stream(session.get(), NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                              NGHTTP2_NO_ERROR);
  }
}

void H2Server::Impl::OnStreamClosed(std::int32_t id) {
  if (Stream* const stream = Find(id); stream != nullptr) {
    stream->closed = true;
    touched.push_back(id);
  }
}

StatusOr<std::unique_ptr<H2Server>> H2Server::Start(const H2Limits& limits,
                                                    H2ServerEvents& events) {
  auto impl = std::make_unique<Impl>(limits, events);
  nghttp2_session* session = nullptr;
  const std::array settings = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.calls},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
                             static_cast<std::uint32_t>(limits.header_bytes)}};
  if (nghttp2_session_server_new2(&session, H2CallbacksTo<Impl>(), impl.get(), H2ServerOptions()) !=
      0) {
    return Internal("no HTTP/2 session");
  }
  impl->session.reset(session);
  if (nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) != 0) {
    return Internal("no HTTP/2 settings");
  }
  return std::unique_ptr<H2Server>(new H2Server(std::move(impl)));
}

H2Server::H2Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

H2Server::~H2Server() = default;

Status H2Server::Receive(ByteView bytes, Duration now) {
  impl_->now = now;
  const ssize_t taken = nghttp2_session_mem_recv(impl_->session.get(), bytes.data(), bytes.size());
  impl_->Settle();
  if (nghttp2_session_get_outbound_queue_size(impl_->session.get()) > kMostQueued) {
    return InvalidArgument("the peer does not read what it is told");
  }
  return taken < 0 ? H2Error(static_cast<int>(taken)) : OkStatus();
}

Status H2Server::TakeOutput(std::string& out, std::size_t most) {
  impl_->Settle();
  while (out.size() < most) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(impl_->session.get(), &data);
    if (size < 0) {
      return H2Error(static_cast<int>(size));
    }
    if (size == 0) {
      break;
    }
    out += AsText({data, static_cast<std::size_t>(size)});
  }
  impl_->Settle();
  return OkStatus();
}

bool H2Server::over() const {
  nghttp2_session* const session = impl_->session.get();
  return impl_->banned ||
         (nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0);
}

void H2Server::Read(std::int32_t stream) {
  if (Stream* const found = impl_->Find(stream); found != nullptr) {
    found->wanted = true;
    impl_->touched.push_back(stream);
  }
}

void H2Server::Write(std::int32_t stream, CallBytes message) {
  Stream* const found = impl_->Find(stream);
  if (found == nullptr || found->end.has_value()) {
    return;
  }
  found->out.Put(std::move(message));
  if (found->answer == Answer::kBegun) {
    nghttp2_session_resume_data(impl_->session.get(), stream);
    return;
  }
  found->answer = Answer::kBegun;
  const std::vector<nghttp2_nv> fields = AnswerHead();
  nghttp2_data_provider body{};
  body.source.ptr = found;
  body.read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t size,
                          std::uint32_t* flags, nghttp2_data_source* source, void* self) {
    return static_cast<Impl*>(self)->Give(*static_cast<Stream*>(source->ptr), {buffer, size},
                                          *flags);
  };
  nghttp2_submit_response(impl_->session.get(), stream, fields.data(), fields.size(), &body);
}

void H2Server::Finish(std::int32_t stream, const Status& status) {
  if (Stream* const found = impl_->Find(stream); found != nullptr) {
    impl_->End(*found, status);
  }
}

void H2Server::GoAway() {
  if (!std::exchange(impl_->going_away, true)) {
    nghttp2_session* const session = impl_->session.get();
    nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR,
                          nullptr, 0);
  }
}

void H2Server::Ping() {
  nghttp2_submit_ping(impl_->session.get(), NGHTTP2_FLAG_NONE, nullptr);
}

std::size_t H2Server::calls() const {
  return impl_->streams.size();
}

}  // namespace flotilla::controller
