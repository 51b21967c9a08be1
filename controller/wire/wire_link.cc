#include "controller/wire/wire_link.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"

namespace flotilla::controller {
namespace {

// Bytes made ready for the socket at once.
constexpr std::size_t kOutputBytes = std::size_t{64} * 1024;
// Reads in a row before another connection has its turn.
constexpr int kReads = 8;
constexpr double kAgeJitter = 0.1;
// Multiples of the golden ratio, modulo one, lie evenly however many they are.
constexpr double kGoldenRatio = 0.6180339887498949;

Duration AgeOf(Duration mean, std::uint64_t id) {
  double whole = 0;
  const double place = std::modf(static_cast<double>(id) * kGoldenRatio, &whole);
  return mean * (1 - kAgeJitter + 2 * kAgeJitter * place);
}

}  // namespace

WireLink::WireLink(const WireShared& shared, std::unique_ptr<security::TlsStream> tls,
                   std::string peer, std::uint64_t id, Duration now)
    : shared_(shared),
      tls_(std::move(tls)),
      peer_(std::move(peer)),
      id_(id),
      opened_(now),
      old_(now + AgeOf(shared.times.age, id)),
      heard_(now) {}

WireLink::~WireLink() {
  for (const auto& [stream, call] : std::exchange(calls_, {})) {
    call->OnGone();
  }
}

StatusOr<WireLink::Rest> WireLink::OnReady(Duration now) {
  FLOTILLA_RETURN_IF_ERROR(tls_->Drive());
  if (!tls_->ready()) {
    return Rest::kNothing;
  }
  if (h2_ == nullptr) {
    FLOTILLA_ASSIGN_OR_RETURN(h2_, H2Server::Start(shared_.limits, *this));
  }
  Rest rest = Rest::kNothing;
  for (int reads = 0; reads < kReads; ++reads) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::size_t got, tls_->Read(shared_.buffer));
    if (got == 0) {
      rest = Rest::kNothing;
      break;
    }
    heard_ = now;
    asked_ = absl::InfiniteDuration();
    FLOTILLA_RETURN_IF_ERROR(h2_->Receive(shared_.buffer.first(got), now));
    // What the socket still has wakes the thread again.
    rest = tls_->has_read_ahead() ? Rest::kMore : Rest::kNothing;
    if (rest == Rest::kNothing) {
      break;
    }
  }
  FLOTILLA_RETURN_IF_ERROR(Flush());
  return rest;
}

Status WireLink::Flush() {
  if (h2_ == nullptr) {
    return OkStatus();
  }
  Status good;
  while (good.ok() && tls_->output().empty()) {
    good = h2_->TakeOutput(tls_->output(), kOutputBytes);
    if (tls_->output().empty()) {
      break;
    }
    FLOTILLA_RETURN_IF_ERROR(tls_->Drive());
  }
  FLOTILLA_RETURN_IF_ERROR(good);
  return h2_->over() && tls_->output().empty() ? Unavailable("the connection has ended")
                                               : OkStatus();
}

Status WireLink::OnTime(Duration now) {
  if (h2_ == nullptr) {
    return now - opened_ > shared_.times.handshake ? Unavailable("no handshake") : OkStatus();
  }
  if (now > old_ + shared_.times.grace) {
    return Unavailable("the connection is too old");
  }
  if (now > old_ || (h2_->calls() == 0 && now - heard_ > shared_.times.idle)) {
    return GoAway();
  }
  if (now > asked_ + shared_.times.answer) {
    return Unavailable("no sign of life");
  }
  if (now - heard_ > shared_.times.silence && asked_ == absl::InfiniteDuration()) {
    asked_ = now;
    h2_->Ping();
    return Flush();
  }
  return OkStatus();
}

Status WireLink::GoAway() {
  if (h2_ == nullptr) {
    return Unavailable("the listener has closed");
  }
  h2_->GoAway();
  return Flush();
}

void WireLink::Carry(WireOrder& order) {
  WireCall& call = *order.call;
  switch (order.kind) {
    case WireOrder::Kind::kRead:
      h2_->Read(call.stream());
      break;
    case WireOrder::Kind::kWrite:
      h2_->Write(call.stream(), std::move(order.message));
      break;
    case WireOrder::Kind::kFinish:
      call.SetFinished();
      h2_->Finish(call.stream(), order.status);
      break;
    case WireOrder::Kind::kUnspecified:
      break;
  }
}

void WireLink::OnCall(std::int32_t stream, const std::string& path, Duration timeout) {
  auto call = std::make_shared<WireCall>(shared_.inbox, *this, stream);
  auto user = shared_.calls.Begin({path, peer_, tls_->PeerCertificatePem(), timeout}, call);
  if (user == nullptr) {
    h2_->Finish(stream, Unimplemented(absl::StrCat("there is no ", path, " here")));
    return;
  }
  shared_.inbox->OnCallBegun();
  call->Begin(std::move(user));
  calls_.emplace(stream, std::move(call));
}

void WireLink::OnMessage(std::int32_t stream, std::string_view message) {
  if (const auto found = calls_.find(stream); found != calls_.end()) {
    found->second->user()->OnMessage(message);
  }
}

void WireLink::OnEndOfMessages(std::int32_t stream) {
  if (const auto found = calls_.find(stream); found != calls_.end()) {
    found->second->user()->OnEndOfMessages();
  }
}

void WireLink::OnWritten(std::int32_t stream) {
  if (const auto found = calls_.find(stream); found != calls_.end()) {
    found->second->user()->OnWritten();
  }
}

void WireLink::OnClosed(std::int32_t stream) {
  if (auto found = calls_.extract(stream); !found.empty()) {
    found.mapped()->OnGone();
  }
}

}  // namespace flotilla::controller
