#include "controller/http/upload_routes.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/digest.h"
#include "base/file.h"
#include "controller/http/byte_range.h"

namespace flotilla::http {
namespace {

constexpr std::string_view kPrefix = "/artifacts/";

class BlobSink final : public BodySink {
 public:
  BlobSink(controller::BlobRepository& blobs, const Digest& digest, const ContentRange& range)
      : blobs_(blobs),
        digest_(digest),
        offset_(range.first),
        end_(range.last + 1),
        total_(range.total) {}

  Status Write(ByteView piece) override {
    if (piece.size() > end_ - offset_) {
      return InvalidArgument("the body is longer than its Content-Range");
    }
    FLOTILLA_RETURN_IF_ERROR(blobs_.Append(digest_, offset_, piece));
    offset_ += piece.size();
    return OkStatus();
  }

  Response Finish() override {
    if (offset_ < end_) {
      return ProblemResponse(InvalidArgument("the body is shorter than its Content-Range"));
    }
    if (offset_ < total_) {
      Response accepted;
      accepted.status = 202;
      accepted.headers.emplace_back("Upload-Offset", std::to_string(offset_));
      return accepted;
    }
    const Status finished = blobs_.Finish(digest_, total_);
    if (!finished.ok()) {
      return ProblemResponse(finished);
    }
    Response created;
    created.status = 201;
    created.headers.emplace_back("Upload-Offset", std::to_string(total_));
    return created;
  }

 private:
  controller::BlobRepository& blobs_;
  Digest digest_;
  std::uint64_t offset_;
  std::uint64_t end_;
  std::uint64_t total_;
};

StatusOr<Digest> DigestOf(const Request& request) {
  return Digest::FromHex(std::string_view(request.path).substr(kPrefix.size()));
}

// A body without Content-Range is the whole artifact.
StatusOr<ContentRange> RangeOf(const Request& request) {
  const std::string range = request.Header("content-range");
  if (!range.empty()) {
    return ParseContentRange(range);
  }
  return ParseContentRange(
      "bytes 0-" +
      std::to_string(std::strtoull(request.Header("content-length").c_str(), nullptr, 10) - 1) +
      "/" + request.Header("content-length"));
}

StatusOr<std::unique_ptr<BodySink>> StartUpload(controller::BlobRepository& blobs,
                                                std::uint64_t max_bytes, const Request& request) {
  FLOTILLA_ASSIGN_OR_RETURN(const Digest digest, DigestOf(request));
  const auto range = RangeOf(request);
  if (!range.ok()) {
    return InvalidArgument(
        "an upload names its length: Content-Length, or Content-Range for a part");
  }
  if (range->total > max_bytes) {
    return ResourceExhausted(
        "the artifact is larger than max_artifact_bytes of the controller's configuration");
  }
  FLOTILLA_ASSIGN_OR_RETURN(std::uint64_t offset, blobs.Offset(digest));
  if (!blobs.Has(digest) && offset == range->total) {
    // All bytes came, and a crash stood before their check: it is made now, and wrong bytes go.
    blobs.Finish(digest, range->total).IgnoreError();
    FLOTILLA_ASSIGN_OR_RETURN(offset, blobs.Offset(digest));
  }
  if (!blobs.Has(digest) && offset != range->first) {
    return FailedPrecondition("the upload goes on at byte " + std::to_string(offset) +
                              ": ask with HEAD first");
  }
  return std::make_unique<BlobSink>(blobs, digest, *range);
}

Response Where(controller::BlobRepository& blobs, const Request& request) {
  const auto digest = DigestOf(request);
  if (!digest.ok()) {
    return ProblemResponse(digest.status());
  }
  const auto offset = blobs.Offset(*digest);
  if (!offset.ok()) {
    return ProblemResponse(offset.status());
  }
  Response response;
  response.status = 204;
  response.headers.emplace_back("Upload-Offset", std::to_string(*offset));
  response.headers.emplace_back("Upload-Complete", blobs.Has(*digest) ? "?1" : "?0");
  return response;
}

Response Give(const controller::BlobRepository& blobs, const Request& request) {
  const auto digest = DigestOf(request);
  if (!digest.ok()) {
    return ProblemResponse(digest.status());
  }
  FileSlice slice;
  slice.path = blobs.Path(*digest);
  const auto size = FileSize(slice.path);
  if (!blobs.Has(*digest) || !size.ok()) {
    return ProblemResponse(NotFound("there is no artifact " + digest->ToHex()));
  }
  slice.length = *size;
  Response response;
  response.headers.emplace_back("Content-Type", "application/octet-stream");
  response.body = std::move(slice);
  return response;
}

}  // namespace

void AddUploadRoutes(Router& router, controller::BlobRepository& blobs,
                     std::uint64_t max_artifact_bytes) {
  router.Add({"HEAD", std::string(kPrefix), Access::kOperatorCertificate,
              Handler([&blobs](const Request& request, const Responder& respond) {
                respond(Where(blobs, request));
              })});
  router.Add({"GET", std::string(kPrefix), Access::kOperatorCertificate,
              Handler([&blobs](const Request& request, const Responder& respond) {
                respond(Give(blobs, request));
              })});
  router.Add({"PUT", std::string(kPrefix), Access::kOperatorCertificate,
              UploadHandler([&blobs, max_artifact_bytes](const Request& request) {
                return StartUpload(blobs, max_artifact_bytes, request);
              })});
}

}  // namespace flotilla::http
