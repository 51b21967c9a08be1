#include "ota/format/bundle_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{256} * 1024;

Status Gone(const std::string& why) {
  return WithReason(Unavailable("the bundle cannot be read: " + why),
                    v1::FAILURE_REASON_FETCH_CONNECT);
}

Status ReadAt(int file, std::uint64_t offset, std::span<std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
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

}  // namespace

BundleFile::BundleFile(UniqueFd file, BundleIndex index)
    : file_(std::move(file)), index_(std::move(index)) {}

StatusOr<BundleFile> BundleFile::Open(const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(BundleIndex index, ReadBundleIndex(file));
  UniqueFd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.valid()) {
    return Gone(MessageOf(ErrnoStatus(errno, file.string())));
  }
  return BundleFile(std::move(opened), std::move(index));
}

Status BundleFile::Read(const BundleMember& member, std::uint64_t offset, std::uint64_t length,
                        const std::function<Status(ByteView)>& sink) const {
  if (length > member.length || offset > member.length - length) {
    return InvalidArgument("not a range of " + member.name);
  }
  Bytes piece;
  for (std::uint64_t done = 0; done < length; done += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, length - done)));
    FLOTILLA_RETURN_IF_ERROR(ReadAt(file_.get(), member.offset + offset + done, piece));
    FLOTILLA_RETURN_IF_ERROR(sink(piece));
  }
  return OkStatus();
}

StatusOr<Bytes> BundleFile::ReadMetadata(const std::string& file_name,
                                         std::uint64_t max_bytes) const {
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
  FLOTILLA_RETURN_IF_ERROR(ReadAt(file_.get(), member->offset, bytes));
  return bytes;
}

}  // namespace flotilla::ota
