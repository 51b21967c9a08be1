#include "tests/swarm/fleet/h2_call.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/retry_after.h"

namespace flotilla::swarm {
namespace {

// gRPC's codes are those of absl::Status.
constexpr int kMostGrpcStatus = 16;

H2Call& Self(void* self) {
  return *static_cast<H2Call*>(self);
}

using controller::H2Field;

std::string_view Text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

Status H2Error(const char* what, int code) {
  return InvalidArgument(absl::StrCat(what, ": ", nghttp2_strerror(code)));
}

}  // namespace

nghttp2_session_callbacks* H2Call::Callbacks() {
  static const H2CallbacksPtr callbacks = [] {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) == 0) {
      nghttp2_session_callbacks_set_on_header_callback(made, &H2Call::OnHeader);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &H2Call::OnData);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, &H2Call::OnStreamClose);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, &H2Call::OnFrame);
    }
    return H2CallbacksPtr(made);
  }();
  return callbacks.get();
}

StatusOr<std::unique_ptr<H2Call>> H2Call::Start(const std::string& authority,
                                                const std::string& path) {
  std::unique_ptr<H2Call> call(new H2Call());
  nghttp2_session* session = nullptr;
  if (nghttp2_session_client_new(&session, Callbacks(), call.get()) != 0) {
    return Internal("no HTTP/2 session");
  }
  call->session_.reset(session);
  const std::array<nghttp2_settings_entry, 1> settings = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  const std::array fields = {H2Field(":method", "POST"),
                             H2Field(":scheme", "https"),
                             H2Field(":path", path),
                             H2Field(":authority", authority),
                             H2Field("te", "trailers"),
                             H2Field("content-type", "application/grpc"),
                             H2Field("user-agent", "flotilla-swarm")};
  nghttp2_data_provider body{};
  body.read_callback = &H2Call::Read;
  call->stream_ =
      nghttp2_submit_request(session, nullptr, fields.data(), fields.size(), &body, nullptr);
  if (call->stream_ < 0) {
    return Internal("no HTTP/2 stream");
  }
  return call;
}

void H2Call::Send(std::string_view message) {
  outgoing_ += GrpcFrame(message);
  nghttp2_session_resume_data(session_.get(), stream_);
}

Status H2Call::Receive(ByteView bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(session_.get(), bytes.data(), bytes.size());
  FLOTILLA_RETURN_IF_ERROR(broken_);
  return taken < 0 ? H2Error("HTTP/2", static_cast<int>(taken)) : OkStatus();
}

Status H2Call::TakeOutput(std::string& out) {
  while (true) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
    if (size < 0) {
      return H2Error("HTTP/2", static_cast<int>(size));
    }
    if (size == 0) {
      break;
    }
    out += Text(data, static_cast<std::size_t>(size));
  }
  const bool over = nghttp2_session_want_read(session_.get()) == 0;
  return over && !ended_.has_value() ? InvalidArgument("the peer does not speak HTTP/2")
                                     : OkStatus();
}

void H2Call::End(const char* how) {
  if (ended_.has_value()) {
    return;
  }
  ended_ = grpc_status_ >= 0 && grpc_status_ <= kMostGrpcStatus
               ? WithRetryAfterTrailer(Status(static_cast<StatusCode>(grpc_status_), grpc_message_),
                                       retry_after_)
               : Unavailable(absl::StrCat("the stream ended: ", how, " ", http_status_));
}

ssize_t H2Call::Read(nghttp2_session* /*session*/, std::int32_t /*stream*/, std::uint8_t* buffer,
                     std::size_t size, std::uint32_t* /*flags*/, nghttp2_data_source* /*source*/,
                     void* self) {
  std::string& outgoing = Self(self).outgoing_;
  if (outgoing.empty()) {
    return NGHTTP2_ERR_DEFERRED;
  }
  const std::size_t taken = std::min(size, outgoing.size());
  std::copy_n(outgoing.begin(), taken, buffer);
  outgoing.erase(0, taken);
  return static_cast<ssize_t>(taken);
}

int H2Call::OnHeader(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                     const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                     std::size_t value_size, std::uint8_t /*flags*/, void* self) {
  H2Call& call = Self(self);
  const std::string_view field = Text(name, name_size);
  const std::string_view text = Text(value, value_size);
  if (field == "grpc-status") {
    std::from_chars(text.data(), text.data() + text.size(), call.grpc_status_);
  } else if (field == "grpc-message") {
    call.grpc_message_ = text;
  } else if (field == kRetryAfterTrailer) {
    call.retry_after_ = text;
  } else if (field == ":status") {
    call.http_status_ = text;
  }
  return 0;
}

int H2Call::OnData(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t /*stream*/,
                   const std::uint8_t* data, std::size_t size, void* self) {
  H2Call& call = Self(self);
  call.broken_ = call.reader_.Feed({data, size}, call.messages_);
  return call.broken_.ok() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

int H2Call::OnStreamClose(nghttp2_session* /*session*/, std::int32_t /*stream*/,
                          std::uint32_t error, void* self) {
  Self(self).End(nghttp2_http2_strerror(error));
  return 0;
}

int H2Call::OnFrame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* self) {
  H2Call& call = Self(self);
  const bool last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (last && (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)) {
    call.End("by its end");
  }
  // A graceful GOAWAY lets this stream live on.
  if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.last_stream_id < call.stream_) {
    call.End("the server goes away");
  }
  return 0;
}

}  // namespace flotilla::swarm
