// Owners of what nghttp2 hands out, and its form of header fields. For .cc files.
#ifndef FLOTILLA_CONTROLLER_WIRE_H2_PARTS_H_
#define FLOTILLA_CONTROLLER_WIRE_H2_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "base/bytes.h"
#include "controller/wire/call_fields.h"

namespace flotilla::controller {

template <auto kFree>
struct H2Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using H2CallbacksPtr =
    std::unique_ptr<nghttp2_session_callbacks, H2Deleter<&nghttp2_session_callbacks_del>>;
using H2OptionPtr = std::unique_ptr<nghttp2_option, H2Deleter<&nghttp2_option_del>>;
using H2SessionPtr = std::unique_ptr<nghttp2_session, H2Deleter<&nghttp2_session_del>>;

// Each thing that happens on a server's session, told to a method of the `Handler` that is its user
// data. Null: no memory.
template <typename Handler>
const nghttp2_session_callbacks* H2CallbacksTo() {
  static const H2CallbacksPtr callbacks = [] {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) {
      return H2CallbacksPtr();
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          static_cast<Handler*>(self)->OnBeginHeaders(*frame);
          return 0;
        });
    nghttp2_session_callbacks_set_on_header_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                 std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                 std::uint8_t, void* self) {
          static_cast<Handler*>(self)->OnHeader(frame->hd.stream_id, AsText({name, name_size}),
                                                AsText({value, value_size}));
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          static_cast<Handler*>(self)->OnFrame(*frame);
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        made, [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                 std::size_t size, void* self) {
          static_cast<Handler*>(self)->OnData(id, {data, size});
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_send_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          static_cast<Handler*>(self)->OnSent(*frame);
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        made, [](nghttp2_session*, std::int32_t id, std::uint32_t, void* self) {
          static_cast<Handler*>(self)->OnStreamClosed(id);
          return 0;
        });
    return H2CallbacksPtr(made);
  }();
  return callbacks.get();
}

// A view of both, which nghttp2 copies.
nghttp2_nv H2Field(std::string_view name, std::string_view value);
void AppendFields(const std::vector<HeaderField>& fields, std::vector<nghttp2_nv>& to);

// Of a server's session: flow control by hand, and little memory for what sessions do not need.
// Null: no memory.
const nghttp2_option* H2ServerOptions();

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_H2_PARTS_H_
