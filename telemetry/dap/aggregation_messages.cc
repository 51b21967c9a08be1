#include "telemetry/dap/aggregation_messages.h"

#include <cstdint>
#include <set>
#include <tuple>
#include <utility>

#include "telemetry/dap/tls.h"

namespace flotilla::dap {
namespace {

constexpr std::uint8_t kVerificationKeyId = 0;
constexpr std::uint8_t kContinue = 0;  // VerifyRespType
constexpr std::uint8_t kReject = 2;

VerifyInit ReadVerifyInit(TlsReader& in) {
  VerifyInit init;
  init.metadata = ReadReportMetadata(in);
  init.public_share = Copy(in.Opaque32());
  init.helper_share = ReadHpkeCiphertext(in);
  init.message = Copy(in.Opaque32(1));
  return init;
}

VerifyResponse ReadVerifyResponse(TlsReader& in) {
  VerifyResponse response;
  response.id = in.Array<std::tuple_size_v<ReportId>>();
  const std::uint8_t type = in.U8();
  if (type == kContinue) {
    response.message = Copy(in.Opaque32(1));
  } else if (type == kReject) {
    response.error = static_cast<ReportError>(in.U8());
    const bool known =
        response.error > ReportError::kNone && response.error <= ReportError::kOutdatedConfig;
    if (!known) in.Fail();
  } else {
    in.Fail();
  }
  return response;
}

}  // namespace

StatusOr<AggregationRequest> AggregationRequest::Decode(ByteView bytes) {
  AggregationRequest request;
  std::set<ReportId> ids;
  TlsReader in(bytes);
  if (in.U8() != kVerificationKeyId) in.Fail();
  if (!in.Opaque32().empty()) in.Fail();  // agg_param
  if (!in.Opaque16().empty()) in.Fail();  // extensions
  while (!in.AtEnd()) {
    request.inits.push_back(ReadVerifyInit(in));
    const bool fresh = ids.insert(request.inits.back().metadata.id).second;
    if (!fresh || request.inits.size() > kMaxReportsOfJob) in.Fail();
  }
  if (request.inits.empty()) in.Fail();
  FLOTILLA_RETURN_IF_ERROR(in.Finish("an aggregation request"));
  return request;
}

Bytes AggregationRequest::Encode() const {
  TlsWriter out;
  out.U8(kVerificationKeyId);
  out.Opaque32({});
  out.Opaque16({});
  for (const VerifyInit& init : inits) {
    Write(init.metadata, out);
    out.Opaque32(init.public_share);
    Write(init.helper_share, out);
    out.Opaque32(init.message);
  }
  return std::move(out).Take();
}

StatusOr<AggregationResponse> AggregationResponse::Decode(ByteView bytes) {
  AggregationResponse response;
  TlsReader in(bytes);
  while (!in.AtEnd()) {
    response.responses.push_back(ReadVerifyResponse(in));
    if (response.responses.size() > kMaxReportsOfJob) in.Fail();
  }
  FLOTILLA_RETURN_IF_ERROR(in.Finish("an aggregation response"));
  return response;
}

Bytes AggregationResponse::Encode() const {
  TlsWriter out;
  for (const VerifyResponse& response : responses) {
    out.Raw(response.id);
    if (response.error == ReportError::kNone) {
      out.U8(kContinue);
      out.Opaque32(response.message);
    } else {
      out.U8(kReject);
      out.U8(static_cast<std::uint8_t>(response.error));
    }
  }
  return std::move(out).Take();
}

}  // namespace flotilla::dap
