#include "telemetry/dap/collection_messages.h"

#include <cstdint>
#include <utility>

#include "telemetry/dap/tls.h"

namespace flotilla::dap {
namespace {

constexpr std::uint8_t kTimeInterval = 1;  // BatchMode
constexpr std::uint16_t kIntervalBytes = 16;

// Query and BatchSelector are the same: a mode and its configuration.
void WriteBatch(const Interval& interval, TlsWriter& out) {
  out.U8(kTimeInterval);
  out.U16(kIntervalBytes);
  out.U64(interval.start);
  out.U64(interval.duration);
}

Interval ReadBatch(TlsReader& in) {
  if (in.U8() != kTimeInterval || in.U16() != kIntervalBytes) in.Fail();
  Interval interval;
  interval.start = in.U64();
  interval.duration = in.U64();
  return interval;
}

void Write(const CollectionRequest& request, TlsWriter& out) {
  WriteBatch(request.interval, out);
  out.Opaque32({});  // agg_param
  out.Opaque16({});  // extensions
}

CollectionRequest ReadCollectionRequest(TlsReader& in) {
  CollectionRequest request;
  request.interval = ReadBatch(in);
  if (!in.Opaque32().empty()) in.Fail();
  if (!in.Opaque16().empty()) in.Fail();
  return request;
}

}  // namespace

StatusOr<CollectionRequest> CollectionRequest::Decode(ByteView bytes) {
  TlsReader in(bytes);
  const CollectionRequest request = ReadCollectionRequest(in);
  FLOTILLA_RETURN_IF_ERROR(in.Finish("a collection request"));
  return request;
}

Bytes CollectionRequest::Encode() const {
  TlsWriter out;
  Write(*this, out);
  return std::move(out).Take();
}

StatusOr<AggregateShareRequest> AggregateShareRequest::Decode(ByteView bytes) {
  TlsReader in(bytes);
  AggregateShareRequest request;
  request.collection = ReadCollectionRequest(in);
  request.selector = ReadBatch(in);
  request.report_count = in.U64();
  request.checksum = Digest(in.Array<Digest::kSize>());
  FLOTILLA_RETURN_IF_ERROR(in.Finish("an aggregate share request"));
  return request;
}

Bytes AggregateShareRequest::Encode() const {
  TlsWriter out;
  Write(collection, out);
  WriteBatch(selector, out);
  out.U64(report_count);
  out.Raw(checksum.bytes());
  return std::move(out).Take();
}

Bytes AggregateShareAad(const TaskId& task, ByteView encoded_configuration,
                        const CollectionRequest& request) {
  TlsWriter out;
  out.Raw(task.bytes());
  out.Raw(encoded_configuration);
  Write(request, out);
  return std::move(out).Take();
}

}  // namespace flotilla::dap
