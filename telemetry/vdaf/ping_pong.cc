#include "telemetry/vdaf/ping_pong.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace flotilla::vdaf {
namespace {

using Type = PingPongMessage::Type;

constexpr std::uint32_t kLeader = 0;
constexpr std::uint32_t kHelper = 1;

constexpr std::uint8_t Code(Type type) {
  return static_cast<std::uint8_t>(static_cast<int>(type) - 1);
}
bool HasMessage(Type type) {
  return type == Type::kContinue || type == Type::kFinish;
}
bool HasShare(Type type) {
  return type == Type::kInitialize || type == Type::kContinue;
}

void AppendOpaque(const Bytes& value, Bytes& bytes) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(value.size() >> shift));
  }
  bytes.insert(bytes.end(), value.begin(), value.end());
}

// Takes one opaque off the front of `rest`.
StatusOr<Bytes> TakeOpaque(ByteView& rest) {
  if (rest.size() < 4) return InvalidArgument("a ping-pong message is cut off in a length");
  std::size_t size = 0;
  for (const std::uint8_t byte : rest.first(4)) size = size << 8 | byte;
  rest = rest.subspan(4);
  if (rest.size() < size) return InvalidArgument("a ping-pong message is cut off");
  Bytes value(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
  rest = rest.subspan(size);
  return value;
}

StatusOr<PingPongMessage> Expect(Type type, ByteView bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(PingPongMessage message, PingPongMessage::Decode(bytes));
  if (message.type != type) return InvalidArgument("a ping-pong message out of turn");
  return message;
}

}  // namespace

StatusOr<PingPongMessage> PingPongMessage::Decode(ByteView bytes) {
  if (bytes.empty() || bytes[0] > Code(Type::kFinish)) {
    return InvalidArgument("a ping-pong message of no known type");
  }
  PingPongMessage message;
  message.type = static_cast<Type>(bytes[0] + 1);
  ByteView rest = bytes.subspan(1);
  if (HasMessage(message.type)) {
    FLOTILLA_ASSIGN_OR_RETURN(message.verifier_message, TakeOpaque(rest));
  }
  if (HasShare(message.type)) {
    FLOTILLA_ASSIGN_OR_RETURN(message.verifier_share, TakeOpaque(rest));
  }
  if (!rest.empty()) return InvalidArgument("bytes follow a ping-pong message");
  return message;
}

Bytes PingPongMessage::Encode() const {
  Bytes bytes = {Code(type)};
  if (HasMessage(type)) AppendOpaque(verifier_message, bytes);
  if (HasShare(type)) AppendOpaque(verifier_share, bytes);
  return bytes;
}

StatusOr<PingPong> PingPong::Create(const Prio3& prio3, const VerifyKey& verify_key,
                                    ByteView context) {
  if (prio3.shares() != 2) return InvalidArgument("the ping-pong topology is for two aggregators");
  return PingPong(prio3, verify_key, context);
}

StatusOr<PingPong::Started> PingPong::Start(const ReportShare& report) const {
  FLOTILLA_ASSIGN_OR_RETURN(Verification verification,
                            prio3_->VerifyInit(verify_key_, context_, kLeader, report.nonce,
                                               report.public_share, report.input_share));
  const PingPongMessage message{.type = Type::kInitialize,
                                .verifier_message = {},
                                .verifier_share = std::move(verification.verifier_share)};
  return Started{.state = std::move(verification.state), .message = message.Encode()};
}

StatusOr<PingPong::Answered> PingPong::Answer(const ReportShare& report,
                                              ByteView from_leader) const {
  FLOTILLA_ASSIGN_OR_RETURN(PingPongMessage inbound, Expect(Type::kInitialize, from_leader));
  FLOTILLA_ASSIGN_OR_RETURN(Verification verification,
                            prio3_->VerifyInit(verify_key_, context_, kHelper, report.nonce,
                                               report.public_share, report.input_share));
  const std::vector<Bytes> shares = {std::move(inbound.verifier_share),
                                     std::move(verification.verifier_share)};
  PingPongMessage outbound{.type = Type::kFinish, .verifier_message = {}, .verifier_share = {}};
  FLOTILLA_ASSIGN_OR_RETURN(outbound.verifier_message,
                            prio3_->VerifierSharesToMessage(context_, shares));
  FLOTILLA_ASSIGN_OR_RETURN(Bytes output_share,
                            prio3_->VerifyNext(verification.state, outbound.verifier_message));
  return Answered{.output_share = std::move(output_share), .message = outbound.Encode()};
}

StatusOr<Bytes> PingPong::Finish(const VerifyState& state, ByteView from_helper) const {
  FLOTILLA_ASSIGN_OR_RETURN(const PingPongMessage inbound, Expect(Type::kFinish, from_helper));
  return prio3_->VerifyNext(state, inbound.verifier_message);
}

}  // namespace flotilla::vdaf
