// What a device uploads (draft-ietf-ppm-dap-18 sections 4.1 and 4.4.2). Decoders refuse what is cut
// off, what goes on and what is empty where the draft wants bytes; whatever is decoded encodes to
// the same bytes again.
//
// Reports of this project have no public extensions, and the only private one is the helper's (see
// device_signature.h), so metadata has a fixed size and a report of a task has one size.
#ifndef FLOTILLA_TELEMETRY_DAP_REPORT_H_
#define FLOTILLA_TELEMETRY_DAP_REPORT_H_

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/status.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dap/tls.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::dap {

struct ReportMetadata {
  ReportId id{};
  WindowStart time = 0;  // the start of the window that was measured, never a finer time

  friend bool operator==(const ReportMetadata&, const ReportMetadata&) = default;
};

struct HpkeCiphertext {
  std::uint8_t config_id = 0;
  Bytes enc;      // 1 to 2^16-1 bytes
  Bytes payload;  // 1 to 2^32-1 bytes

  // INVALID_ARGUMENT.
  static StatusOr<HpkeCiphertext> Decode(ByteView bytes);
  Bytes Encode() const;
  friend bool operator==(const HpkeCiphertext&, const HpkeCiphertext&) = default;
};

struct Report {
  ReportMetadata metadata;
  Bytes public_share;
  HpkeCiphertext leader_share;
  HpkeCiphertext helper_share;

  // INVALID_ARGUMENT.
  static StatusOr<Report> Decode(ByteView bytes);
  Bytes Encode() const;
  friend bool operator==(const Report&, const Report&) = default;
};

// What is sealed for one aggregator. Secret.
struct PlaintextInputShare {
  Bytes private_extensions;  // their list as it is on the wire, without the length in front
  Bytes payload;             // the VDAF's input share, at least one byte

  // INVALID_ARGUMENT. The extensions are not looked into.
  static StatusOr<PlaintextInputShare> Decode(ByteView bytes);
  Bytes Encode() const;
};

// Parts of larger structures.
void Write(const ReportMetadata& metadata, TlsWriter& out);
void Write(const HpkeCiphertext& ciphertext, TlsWriter& out);
ReportMetadata ReadReportMetadata(TlsReader& in);
HpkeCiphertext ReadHpkeCiphertext(TlsReader& in);

// InputShareAad of section 4.4.2.1, the associated data of both input shares:
// task_id || task_configuration || report_metadata || public_share.
Bytes InputShareAad(const TaskId& task, ByteView encoded_configuration,
                    const ReportMetadata& metadata, ByteView public_share);

// Bytes of an encoded report with shares of these sizes, with the helper's extension.
std::size_t ReportSize(const vdaf::Prio3Sizes& sizes);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_REPORT_H_
