#include "controller/wire/h2_parts.h"

#include <cstdint>

namespace flotilla::controller {

nghttp2_nv H2Field(std::string_view name, std::string_view value) {
  // nghttp2 writes to neither.
  return {const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(name.data())),
          const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(value.data())),
          name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

void AppendFields(const std::vector<HeaderField>& fields, std::vector<nghttp2_nv>& to) {
  for (const auto& [name, value] : fields) {
    to.push_back(H2Field(name, value));
  }
}

const nghttp2_option* H2ServerOptions() {
  static const H2OptionPtr options = [] {
    nghttp2_option* made = nullptr;
    if (nghttp2_option_new(&made) == 0) {
      nghttp2_option_set_no_auto_window_update(made, 1);
      nghttp2_option_set_no_closed_streams(made, 1);
      // A session answers once: there is nothing to look up later.
      nghttp2_option_set_max_deflate_dynamic_table_size(made, 0);
    }
    return H2OptionPtr(made);
  }();
  return options.get();
}

}  // namespace flotilla::controller
