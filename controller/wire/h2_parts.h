// Owners of what nghttp2 hands out, and its form of header fields. For .cc files.
#ifndef FLOTILLA_CONTROLLER_WIRE_H2_PARTS_H_
#define FLOTILLA_CONTROLLER_WIRE_H2_PARTS_H_

#include <memory>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

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

// A view of both, which nghttp2 copies.
nghttp2_nv H2Field(std::string_view name, std::string_view value);
void AppendFields(const std::vector<HeaderField>& fields, std::vector<nghttp2_nv>& to);

// Of a server's session: flow control by hand, and little memory for what sessions do not need.
// Null: no memory.
const nghttp2_option* H2ServerOptions();

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_WIRE_H2_PARTS_H_
