// Verification between two aggregators in one round trip: the ping-pong topology of
// draft-irtf-cfrg-vdaf-18 section 5.7, for Prio3.
//
//   leader  Start  -> state to keep, message to the helper (initialize)
//   helper  Answer -> its output share, message to the leader (finish)
//   leader  Finish -> its output share
#ifndef FLOTILLA_TELEMETRY_VDAF_PING_PONG_H_
#define FLOTILLA_TELEMETRY_VDAF_PING_PONG_H_

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::vdaf {

// One message in TLS presentation language: a type, then one or two opaque<0..2^32-1>.
struct PingPongMessage {
  enum class Type { kUnspecified = 0, kInitialize, kContinue, kFinish };

  Type type = Type::kUnspecified;
  Bytes verifier_message;  // of kContinue and kFinish
  Bytes verifier_share;    // of kInitialize and kContinue

  // INVALID_ARGUMENT: another type, cut off, or bytes left over.
  static StatusOr<PingPongMessage> Decode(ByteView bytes);
  // Of a type that is not kUnspecified.
  Bytes Encode() const;
};

// What an aggregator holds of one report. A view: the bytes stay the caller's.
struct ReportShare {
  Nonce nonce{};
  ByteView public_share;
  ByteView input_share;
};

// One task between its two aggregators. Thread-safe. All errors are those of Prio3:
// INVALID_ARGUMENT says that the report must be dropped by both.
class PingPong {
 public:
  struct Started {
    VerifyState state;
    Bytes message;
  };
  struct Answered {
    Bytes output_share;
    Bytes message;
  };

  // `prio3` outlives this object. INVALID_ARGUMENT: it is not for two aggregators.
  static StatusOr<PingPong> Create(const Prio3& prio3, const VerifyKey& verify_key,
                                   ByteView context);

  StatusOr<Started> Start(const ReportShare& report) const;
  StatusOr<Answered> Answer(const ReportShare& report, ByteView from_leader) const;
  StatusOr<Bytes> Finish(const VerifyState& state, ByteView from_helper) const;

 private:
  PingPong(const Prio3& prio3, const VerifyKey& verify_key, ByteView context)
      : prio3_(&prio3), verify_key_(verify_key), context_(context.begin(), context.end()) {}

  const Prio3* prio3_;
  VerifyKey verify_key_;
  Bytes context_;
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_PING_PONG_H_
