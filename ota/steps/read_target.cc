#include "ota/steps/read_target.h"

#include <string>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/tuf/target_verifier.h"

namespace flotilla::ota {

StatusOr<Bytes> ReadTarget(const tuf::TargetInfo& target, BlobKind kind, std::uint64_t max_bytes,
                           const Store& store, BlobFetcher& fetcher, const std::stop_token& stop) {
  if (kind != BlobKind::kUnspecified && store.Contains(target.sha256)) {
    return store.Read(target.sha256, kind, max_bytes);
  }
  if (target.length == 0 || target.length > max_bytes) {
    return WithReason(
        DataLoss(target.path + " is " + std::to_string(target.length) + " bytes long, at most " +
                 std::to_string(max_bytes) + " are allowed"),
        v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  BlobRange range;
  range.url_path = target.url_path;
  range.length = target.length;
  range.total = target.length;
  Bytes bytes;
  tuf::TargetVerifier verifier(target);
  const BlobSink sink = [&](ByteView piece) {
    FLOTILLA_RETURN_IF_ERROR(verifier.Update(piece));
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return OkStatus();
  };
  FLOTILLA_RETURN_IF_ERROR(fetcher.Fetch(range, sink, stop));
  FLOTILLA_RETURN_IF_ERROR(verifier.Finish());
  return bytes;
}

}  // namespace flotilla::ota
