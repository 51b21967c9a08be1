#include "telemetry/dap/report.h"

#include <cstddef>
#include <tuple>
#include <utility>

#include "security/hpke.h"
#include "telemetry/dap/device_signature.h"

namespace flotilla::dap {

void Write(const ReportMetadata& metadata, TlsWriter& out) {
  out.Raw(metadata.id);
  out.U64(metadata.time);
  out.Opaque16({});  // public_extensions
}

ReportMetadata ReadReportMetadata(TlsReader& in) {
  ReportMetadata metadata;
  metadata.id = in.Array<std::tuple_size_v<ReportId>>();
  metadata.time = in.U64();
  if (!in.Opaque16().empty()) in.Fail();
  return metadata;
}

void Write(const HpkeCiphertext& ciphertext, TlsWriter& out) {
  out.U8(ciphertext.config_id);
  out.Opaque16(ciphertext.enc);
  out.Opaque32(ciphertext.payload);
}

HpkeCiphertext ReadHpkeCiphertext(TlsReader& in) {
  HpkeCiphertext ciphertext;
  ciphertext.config_id = in.U8();
  ciphertext.enc = Copy(in.Opaque16(1));
  ciphertext.payload = Copy(in.Opaque32(1));
  return ciphertext;
}

StatusOr<HpkeCiphertext> HpkeCiphertext::Decode(ByteView bytes) {
  TlsReader in(bytes);
  HpkeCiphertext ciphertext = ReadHpkeCiphertext(in);
  FLOTILLA_RETURN_IF_ERROR(in.Finish("a ciphertext"));
  return ciphertext;
}

Bytes HpkeCiphertext::Encode() const {
  TlsWriter out;
  Write(*this, out);
  return std::move(out).Take();
}

StatusOr<Report> Report::Decode(ByteView bytes) {
  TlsReader in(bytes);
  Report report;
  report.metadata = ReadReportMetadata(in);
  report.public_share = Copy(in.Opaque32());
  report.leader_share = ReadHpkeCiphertext(in);
  report.helper_share = ReadHpkeCiphertext(in);
  FLOTILLA_RETURN_IF_ERROR(in.Finish("a report"));
  return report;
}

Bytes Report::Encode() const {
  TlsWriter out;
  Write(metadata, out);
  out.Opaque32(public_share);
  Write(leader_share, out);
  Write(helper_share, out);
  return std::move(out).Take();
}

StatusOr<PlaintextInputShare> PlaintextInputShare::Decode(ByteView bytes) {
  TlsReader in(bytes);
  PlaintextInputShare share;
  share.private_extensions = Copy(in.Opaque16());
  share.payload = Copy(in.Opaque32(1));
  FLOTILLA_RETURN_IF_ERROR(in.Finish("an input share"));
  return share;
}

Bytes PlaintextInputShare::Encode() const {
  TlsWriter out;
  out.Opaque16(private_extensions);
  out.Opaque32(payload);
  return std::move(out).Take();
}

Bytes InputShareAad(const TaskId& task, ByteView encoded_configuration,
                    const ReportMetadata& metadata, ByteView public_share) {
  TlsWriter out;
  out.Raw(task.bytes());
  out.Raw(encoded_configuration);
  Write(metadata, out);
  out.Opaque32(public_share);
  return std::move(out).Take();
}

std::size_t ReportSize(const vdaf::Prio3Sizes& sizes) {
  constexpr std::size_t kMetadata = 16 + 8 + 2;
  constexpr std::size_t kSealed = 1 + 2 + security::kX25519KeyBytes + 4 + security::kHpkeTagBytes;
  constexpr std::size_t kPlaintext = 2 + 4;
  return kMetadata + 4 + sizes.public_share + 2 * (kSealed + kPlaintext) + sizes.leader_share +
         sizes.helper_share + kDeviceSignatureBytes;
}

}  // namespace flotilla::dap
