#include "tests/e2e/support/http2_streams.h"

#include <algorithm>
#include <cstddef>
#include <memory>

#include <nghttp2/nghttp2.h>

namespace flotilla::e2e {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kFrameHead = 9;

// Frame types and flags of RFC 9113 section 6.
constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kHeaders = 1;
constexpr std::uint8_t kContinuation = 9;
constexpr std::uint8_t kEndHeaders = 4;
constexpr std::uint8_t kPadded = 8;
constexpr std::uint8_t kPriority = 32;

std::uint32_t BigEndian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) {
    value = value << 8U | static_cast<std::uint8_t>(byte);
  }
  return value;
}

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string_view content;

  bool Has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

// Without padding and priority; empty when they are longer than the frame.
std::string_view Body(const Frame& frame) {
  std::size_t begin = 0;
  std::size_t end = frame.content.size();
  if (frame.Has(kPadded) && end > 0) {
    begin = 1;
    end -= std::min<std::size_t>(end, static_cast<std::uint8_t>(frame.content[0]));
  }
  if (frame.type == kHeaders && frame.Has(kPriority)) {
    begin += 5;
  }
  return begin < end ? frame.content.substr(begin, end - begin) : std::string_view();
}

class HeaderDecoder {
 public:
  HeaderDecoder() {
    nghttp2_hd_inflater* made = nullptr;
    ::nghttp2_hd_inflate_new(&made);
    inflater_.reset(made);
  }

  Status DecodeInto(const std::string& block, Http2Stream& stream) {
    const auto* in = reinterpret_cast<const std::uint8_t*>(block.data());
    std::size_t left = block.size();
    int flags = 0;
    while ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0) {
      nghttp2_nv header{};
      flags = 0;
      const ssize_t used = ::nghttp2_hd_inflate_hd2(inflater_.get(), &header, &flags, in, left, 1);
      if (used < 0) {
        return InvalidArgument("headers that do not decompress");
      }
      in += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        stream.headers.emplace_back(
            std::string(reinterpret_cast<const char*>(header.name), header.namelen),
            std::string(reinterpret_cast<const char*>(header.value), header.valuelen));
      }
    }
    ::nghttp2_hd_inflate_end_headers(inflater_.get());
    return OkStatus();
  }

 private:
  struct Deleter {
    void operator()(nghttp2_hd_inflater* inflater) const { ::nghttp2_hd_inflate_del(inflater); }
  };
  std::unique_ptr<nghttp2_hd_inflater, Deleter> inflater_;
};

}  // namespace

std::string Http2Stream::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

bool BeginsHttp2(std::string_view bytes) {
  return bytes.starts_with(kPreface);
}

StatusOr<std::map<std::uint32_t, Http2Stream>> ReadHttp2(std::string_view bytes) {
  if (!BeginsHttp2(bytes)) {
    return InvalidArgument("no HTTP/2");
  }
  bytes.remove_prefix(kPreface.size());
  std::map<std::uint32_t, Http2Stream> streams;
  HeaderDecoder decoder;
  std::string block;
  while (bytes.size() >= kFrameHead) {
    const std::size_t size = BigEndian(bytes.substr(0, 3));
    if (bytes.size() < kFrameHead + size) {
      break;
    }
    const Frame frame{static_cast<std::uint8_t>(bytes[3]), static_cast<std::uint8_t>(bytes[4]),
                      BigEndian(bytes.substr(5, 4)), bytes.substr(kFrameHead, size)};
    bytes.remove_prefix(kFrameHead + size);
    if (frame.type == kData) {
      streams[frame.stream].data += Body(frame);
    } else if (frame.type == kHeaders || frame.type == kContinuation) {
      block += Body(frame);
      if (frame.Has(kEndHeaders)) {
        FLOTILLA_RETURN_IF_ERROR(decoder.DecodeInto(block, streams[frame.stream]));
        block.clear();
      }
    }
  }
  return streams;
}

std::vector<std::string> GrpcMessages(std::string_view data) {
  constexpr std::size_t kHead = 5;
  std::vector<std::string> messages;
  while (data.size() >= kHead) {
    const std::size_t size = BigEndian(data.substr(1, 4));
    if (data.size() < kHead + size) {
      break;
    }
    messages.emplace_back(data.substr(kHead, size));
    data.remove_prefix(kHead + size);
  }
  return messages;
}

}  // namespace flotilla::e2e
