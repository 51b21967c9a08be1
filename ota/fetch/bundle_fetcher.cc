#include "ota/fetch/bundle_fetcher.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{256} * 1024;

Status Gone(const std::string& why) {
  return WithReason(Unavailable("the bundle cannot be read: " + why),
                    v1::FAILURE_REASON_FETCH_CONNECT);
}

}  // namespace

BundleFetcher::BundleFetcher(UniqueFd file, BundleIndex index)
    : file_(std::move(file)), index_(std::move(index)) {}

StatusOr<std::unique_ptr<BundleFetcher>> BundleFetcher::Open(const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(BundleIndex index, ReadBundleIndex(file));
  UniqueFd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.valid()) {
    return Gone(MessageOf(ErrnoStatus(errno, file.string())));
  }
  return std::unique_ptr<BundleFetcher>(new BundleFetcher(std::move(opened), std::move(index)));
}

Status BundleFetcher::Read(std::uint64_t offset, Bytes& bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(file_.get(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return Gone(got == 0 ? "it became shorter" : MessageOf(ErrnoStatus(errno, "read")));
    }
    done += static_cast<std::size_t>(got);
  }
  return OkStatus();
}

StatusOr<Bytes> BundleFetcher::Fetch(const std::string& file_name, std::uint64_t max_bytes) {
  const BundleMember* member = index_.Find(kBundleMetadataPrefix + file_name);
  if (member == nullptr) {
    return WithReason(NotFound("the bundle has no " + file_name),
                      v1::FAILURE_REASON_FETCH_NOT_FOUND);
  }
  if (member->length > max_bytes) {
    return WithReason(
        DataLoss(file_name + " is longer than " + std::to_string(max_bytes) + " bytes"),
        v1::FAILURE_REASON_FETCH_TOO_LARGE);
  }
  Bytes bytes(static_cast<std::size_t>(member->length));
  FLOTILLA_RETURN_IF_ERROR(Read(member->offset, bytes));
  return bytes;
}

Status BundleFetcher::Fetch(const BlobRange& range, const BlobSink& sink,
                            const std::stop_token& stop) {
  const BundleMember* member = index_.Find(kBundleTargetsPrefix + range.url_path);
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
  Bytes piece;
  for (std::uint64_t done = 0; done < range.length; done += piece.size()) {
    if (stop.stop_requested()) {
      return Cancelled("the transfer was stopped: " + range.url_path);
    }
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, range.length - done)));
    FLOTILLA_RETURN_IF_ERROR(Read(member->offset + range.offset + done, piece));
    FLOTILLA_RETURN_IF_ERROR(sink(piece));
  }
  return OkStatus();
}

}  // namespace flotilla::ota
