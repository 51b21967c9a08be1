#include "ota/fetch/bundle_fetcher.h"

#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::ota {

BundleFetcher::BundleFetcher(BundleFile file) : file_(std::move(file)) {}

StatusOr<std::unique_ptr<BundleFetcher>> BundleFetcher::Open(const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(BundleFile opened, BundleFile::Open(file));
  return std::unique_ptr<BundleFetcher>(new BundleFetcher(std::move(opened)));
}

StatusOr<Bytes> BundleFetcher::Fetch(const std::string& file_name, std::uint64_t max_bytes) {
  return file_.ReadMetadata(file_name, max_bytes);
}

Status BundleFetcher::Fetch(const BlobRange& range, const BlobSink& sink,
                            const std::stop_token& stop) {
  const BundleMember* member = index().Find(kBundleTargetsPrefix + range.url_path);
  if (member == nullptr) {
    return WithReason(NotFound("the bundle has no " + range.url_path),
                      v1::FAILURE_REASON_FETCH_NOT_FOUND);
  }
  if (member->length != range.total || range.length == 0 || range.length > range.total ||
      range.offset > range.total - range.length) {
    return WithReason(DataLoss(range.url_path + " is " + std::to_string(member->length) +
                               " bytes long, expected " + std::to_string(range.total)),
                      v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  return file_.Read(*member, range.offset, range.length, [&](ByteView piece) {
    return stop.stop_requested() ? Cancelled("the transfer was stopped: " + range.url_path)
                                 : sink(piece);
  });
}

}  // namespace flotilla::ota
