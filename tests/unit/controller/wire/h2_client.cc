#include "tests/unit/controller/wire/h2_client.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

nghttp2_nv Field(std::string_view name, std::string_view value) {
  // nghttp2 copies both and writes to neither.
  return {const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(name.data())),
          const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(value.data())),
          name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

std::string H2Frame(std::uint8_t type, std::uint8_t flags, std::int32_t stream,
                    std::string_view payload) {
  std::string frame;
  for (const unsigned shift : {16U, 8U, 0U}) {
    frame += static_cast<char>(payload.size() >> shift & 0xffU);
  }
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    frame += static_cast<char>(static_cast<std::uint32_t>(stream) >> shift & 0xffU);
  }
  return frame.append(payload);
}

const nghttp2_session_callbacks* H2Client::Callbacks() {
  static const H2CallbacksPtr callbacks = [] {
    nghttp2_session_callbacks* made = nullptr;
    EXPECT_EQ(nghttp2_session_callbacks_new(&made), 0);
    nghttp2_session_callbacks_set_on_header_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                 std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                 std::uint8_t, void* self) {
          Answer& answer = static_cast<H2Client*>(self)->answers_[frame->hd.stream_id];
          answer.fields.emplace(AsText({name, name_size}), AsText({value, value_size}));
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        made, [](nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                 std::size_t size, void* self) {
          H2Client& client = *static_cast<H2Client*>(self);
          nghttp2_session_consume_connection(session, size);
          client.answers_[id].body += AsText({data, size});
          client.unconsumed_[id] += size;
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          static_cast<H2Client*>(self)->OnFrame(*frame);
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        made, [](nghttp2_session*, std::int32_t id, std::uint32_t error, void* self) {
          static_cast<H2Client*>(self)->answers_[id].closed = error;
          return 0;
        });
    return H2CallbacksPtr(made);
  }();
  return callbacks.get();
}

H2Client::H2Client(std::uint32_t window) {
  nghttp2_option* made = nullptr;
  EXPECT_EQ(nghttp2_option_new(&made), 0);
  const H2OptionPtr options(made);
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_session* session = nullptr;
  EXPECT_EQ(nghttp2_session_client_new2(&session, Callbacks(), this, made), 0);
  session_.reset(session);
  const std::array settings = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
}

void H2Client::OnFrame(const nghttp2_frame& frame) {
  Answer& answer = answers_[frame.hd.stream_id];
  const bool ack = (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      ++answer.heads;
      [[fallthrough]];
    case NGHTTP2_DATA:
      answer.ended |= (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
      break;
    case NGHTTP2_WINDOW_UPDATE:
      ++answer.window_updates;
      break;
    case NGHTTP2_PING:
      ++(ack ? ping_acks_ : pings_);
      break;
    case NGHTTP2_GOAWAY:
      goaway_ = {frame.goaway.last_stream_id, frame.goaway.error_code,
                 std::string(AsText({frame.goaway.opaque_data, frame.goaway.opaque_data_len}))};
      break;
    default:
      break;
  }
}

std::int32_t H2Client::Request(const std::string& path, const H2RequestOptions& options) {
  std::vector<nghttp2_nv> fields = {Field(":method", options.method), Field(":scheme", "https"),
                                    Field(":path", path), Field(":authority", "localhost"),
                                    Field("te", "trailers")};
  if (!options.content_type.empty()) {
    fields.push_back(Field("content-type", options.content_type));
  }
  for (const auto& [name, value] : options.more) {
    fields.push_back(Field(name, value));
  }
  nghttp2_data_provider body{};
  body.read_callback = [](nghttp2_session*, std::int32_t id, std::uint8_t* buffer, std::size_t size,
                          std::uint32_t* flags, nghttp2_data_source*, void* self) -> ssize_t {
    Body& from = static_cast<H2Client*>(self)->bodies_[id];
    const std::size_t taken = std::min(size, from.bytes.size());
    std::copy_n(from.bytes.begin(), taken, buffer);
    from.bytes.erase(0, taken);
    if (from.bytes.empty() && from.last) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (taken == 0) {
      return NGHTTP2_ERR_DEFERRED;
    }
    return static_cast<ssize_t>(taken);
  };
  const std::int32_t id =
      nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(), &body, nullptr);
  EXPECT_GT(id, 0);
  return id;
}

void H2Client::Send(std::int32_t stream, std::string_view bytes) {
  bodies_[stream].bytes += bytes;
  nghttp2_session_resume_data(session_.get(), stream);
}

void H2Client::End(std::int32_t stream) {
  bodies_[stream].last = true;
  nghttp2_session_resume_data(session_.get(), stream);
}

void H2Client::Reset(std::int32_t stream) {
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
}

void H2Client::Ping() {
  nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
}

void H2Client::Consume(std::int32_t stream) {
  nghttp2_session_consume_stream(session_.get(), stream, std::exchange(unconsumed_[stream], 0));
}

std::string H2Client::Output() {
  std::string out;
  while (true) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
    EXPECT_GE(size, 0);
    if (size <= 0) {
      return out;
    }
    out += AsText({data, static_cast<std::size_t>(size)});
  }
}

void H2Client::Receive(std::string_view bytes) {
  const ByteView view = AsBytes(bytes);
  EXPECT_EQ(nghttp2_session_mem_recv(session_.get(), view.data(), view.size()),
            static_cast<ssize_t>(view.size()));
}

std::uint32_t H2Client::remote_setting(nghttp2_settings_id id) const {
  return nghttp2_session_get_remote_settings(session_.get(), id);
}

}  // namespace flotilla::controller
