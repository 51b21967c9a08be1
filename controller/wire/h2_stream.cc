#include "controller/wire/h2_stream.h"

#include <algorithm>
#include <utility>

#include "controller/wire/call_fields.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kFieldOverhead = 32;  // RFC 9113, 6.5.2

}  // namespace

void H2Head::Take(std::string_view name, std::string_view value) {
  bytes += name.size() + value.size() + kFieldOverhead;
  if (name == ":path") {
    path = value;
  } else if (name == ":method") {
    method = value;
  } else if (name == "content-type") {
    content_type = value;
  } else if (name == "grpc-timeout") {
    timeout = ParseGrpcTimeout(value).value_or(timeout);
  }
}

bool H2Head::IsGrpc() const {
  return method == "POST" && content_type.starts_with("application/grpc");
}

Status H2Inbox::Feed(ByteView bytes) {
  held_back_ += bytes.size();
  FLOTILLA_RETURN_IF_ERROR(reader_.Feed(bytes, messages_));
  return messages_.size() - taken_ > kMostWaiting
             ? ResourceExhausted("more messages at once than are taken")
             : OkStatus();
}

std::string H2Inbox::Take() {
  std::string message = std::move(messages_[taken_++]);
  if (empty()) {
    messages_ = {};
    taken_ = 0;
  }
  return message;
}

std::size_t H2Inbox::TakeReleased() {
  return empty() ? std::exchange(held_back_, 0) : 0;
}

void H2Outbox::Put(CallBytes message) {
  const std::size_t shared = message.shared == nullptr ? 0 : message.shared->size();
  message.own.insert(0, GrpcFramePrefix(message.own.size() + shared));
  message_ = std::move(message);
  sent_ = 0;
  total_ = message_.own.size() + shared;
}

std::size_t H2Outbox::Take(std::span<std::uint8_t> out) {
  const std::size_t before = sent_;
  while (!empty() && !out.empty()) {
    const bool own = sent_ < message_.own.size();
    std::string_view rest = own ? std::string_view(message_.own) : *message_.shared;
    rest.remove_prefix(own ? sent_ : sent_ - message_.own.size());
    const std::size_t taken = std::min(rest.size(), out.size());
    std::copy_n(rest.begin(), taken, out.begin());
    out = out.subspan(taken);
    sent_ += taken;
  }
  const std::size_t all = sent_ - before;
  if (empty()) {
    *this = {};
  }
  return all;
}

}  // namespace flotilla::controller
