// The names of draft-ietf-ppm-dap-18: identifiers, roles, and every string that keeps one use of a
// key or hash apart from another. A new version of the draft changes this file first.
#ifndef FLOTILLA_TELEMETRY_DAP_DOMAIN_H_
#define FLOTILLA_TELEMETRY_DAP_DOMAIN_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::dap {

// TaskIdOf(configuration), see task_configuration.h.
using TaskId = Digest;
// 16 random bytes; the nonce of the VDAF too (section 4.1.2).
using ReportId = vdaf::Nonce;
// SHA-256 of a reporting key's SubjectPublicKeyInfo, DER.
using KeyId = Digest;
// A window of a task, named by its start in units of the task's time precision since 1970.
using WindowStart = std::uint64_t;

// Section 4.1; the numbers stand on the wire.
enum class Role : std::uint8_t { kCollector = 0, kClient = 1, kLeader = 2, kHelper = 3 };

// Section 4.1: why one report was refused.
enum class ReportError : std::uint8_t {
  kNone = 0,  // reserved in the draft; here: not refused
  kBatchCollected = 1,
  kReportReplayed = 2,
  kReportDropped = 3,
  kHpkeUnknownConfigId = 4,
  kHpkeDecryptError = 5,
  kVdafVerifyError = 6,
  kTaskExpired = 7,
  kInvalidMessage = 8,
  kReportTooEarly = 9,
  kTaskNotStarted = 10,
  kOutdatedConfig = 11,
};

inline constexpr std::string_view kVersionTag = "dap-18";
// The task id's rule of draft-ietf-ppm-dap-taskprov.
inline constexpr std::string_view kTaskIdTag = "dap-taskprov task id";
// Ours, for what the draft leaves to a deployment.
inline constexpr std::string_view kWindowTag = "flotilla dap-18 window";
inline constexpr std::string_view kReportingKeyTag = "flotilla dap-18 reporting key";
inline constexpr std::string_view kHpkeConfigsTag = "flotilla dap-18 hpke configs";

// The application context of the VDAF (section 4.4.2.1): kVersionTag || task_id.
Bytes VdafContext(const TaskId& task);
// HPKE's info of an input share for `receiver`, who is an aggregator (section 4.4.2.1).
Bytes InputShareInfo(Role receiver);
// HPKE's info of an aggregate share from `sender`, who is an aggregator (section 4.6.7).
Bytes AggregateShareInfo(Role sender);

// SHA-256(SHA-256(tag) || message): no message under one tag is one under another.
Digest TaggedDigest(std::string_view tag, ByteView message);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_DOMAIN_H_
