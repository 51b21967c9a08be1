// What a client said on an HTTP/2 connection, stream by stream (RFC 9113).
#ifndef FLOTILLA_TESTS_E2E_SUPPORT_HTTP2_STREAMS_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_HTTP2_STREAMS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace flotilla::e2e {

struct Http2Stream {
  // Name and value, decompressed, in the order in which they were sent.
  std::vector<std::pair<std::string, std::string>> headers;
  // The content of all DATA frames.
  std::string data;

  // Empty when there is no such header.
  std::string Header(std::string_view name) const;
};

bool BeginsHttp2(std::string_view bytes);

// By stream number. A frame that is cut off at the end is left out. INVALID_ARGUMENT: no HTTP/2, or
// headers that do not decompress.
StatusOr<std::map<std::uint32_t, Http2Stream>> ReadHttp2(std::string_view bytes);

// The messages in a gRPC call's data: each has a byte (compressed or not) and 4 bytes of length in
// front, which are left out.
std::vector<std::string> GrpcMessages(std::string_view data);

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_HTTP2_STREAMS_H_
